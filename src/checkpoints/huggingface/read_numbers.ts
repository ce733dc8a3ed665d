import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../../base/errors.js';
import { areFinite } from '../../base/finite.js';
import { decode } from '../../dtypes/decode.js';
import type { Checkpoint } from '../checkpoint.js';
import { type LoadProgress, READ_CHUNK_BYTES, readRows } from '../load_weights.js';
import { type AdapterSum, Merger } from '../peft/adapter_sum.js';

/**
 * The numbers of one weight of a checkpoint in the layout of transformers, with the changes of adapters; a chunk
 * is valid until the next one is asked for. A matrix that is stored by its outputs is held whole to transpose
 * it. Throws as `loadWeights` does.
 */
export async function* readNumbers(
  { source, tensors }: Checkpoint,
  parameter: Parameter,
  adapters: AdapterSum,
  { signal, onProgress }: { signal?: AbortSignal | undefined; onProgress?: (progress: LoadProgress) => void },
): AsyncGenerator<Float32Array<ArrayBuffer>, void, void> {
  const tensor = tensors.get(parameter.name)!;
  const alone = {
    source,
    tensors: new Map([[parameter.name, tensor]]),
    totalBytes: tensor.end - tensor.start,
  };
  const isTransposed = parameter.kind === 'conv1d' && tensor.parameter.kind === 'linear';
  const [inSize = 0, outSize = 0] = parameter.shape;
  const whole = new Float32Array(isTransposed ? inSize * outSize : 0);
  const merger = new Merger(adapters);
  for await (const stored of readRows(alone, READ_CHUNK_BYTES, { signal, onProgress })) {
    const rows = merger.merge(stored);
    if (rows === undefined) continue;
    const values = new Float32Array(rows.rowCount * tensor.parameter.shape.at(-1)!);
    decode(rows.dtype, rows.bytes, values);
    if (!areFinite(values)) {
      throw new Gpt2Error(
        'invalid-file',
        `tensor ${JSON.stringify(tensor.name)} in ${tensor.file} of ${source.name} has a weight that is NaN or infinite`,
      );
    }
    if (!isTransposed) {
      yield values;
      continue;
    }
    for (let row = 0; row < rows.rowCount; row++) {
      const out = rows.firstRow + row;
      for (let i = 0; i < inSize; i++) whole[i * outSize + out] = values[row * inSize + i]!;
    }
  }
  if (isTransposed) yield whole;
}
