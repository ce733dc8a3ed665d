import type { MapperFile } from '../../checkpoints/clipcap/mapper_file.js';
import { readTensor } from '../../checkpoints/read_tensor.js';
import type { Linear } from './product.js';

/** The numbers of a tensor of a mapper, whose shape has been checked. Throws `invalid-file` and `aborted`. */
export function readNumbers({ source, tensors }: MapperFile, name: string, signal: AbortSignal | undefined) {
  const tensor = tensors.get(name)!;
  return readTensor(source, tensor, tensor.shape, 'its header', signal);
}

/** A matrix of a mapper with its bias. */
export async function readLinear(
  file: MapperFile,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Linear> {
  return {
    weight: await readNumbers(file, `${name}.weight`, signal),
    bias: await readNumbers(file, `${name}.bias`, signal),
  };
}
