import { modelParameters, type Parameter } from '../../architecture/gpt2/parameters.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import type { Checkpoint, WeightTensor } from '../checkpoint.js';
import { ggufConfig } from './config.js';
import { fits } from './fits.js';
import { type GgufHeader, type GgufTensor, readGgufHeader } from './header.js';
import { ggufName, storedParameter } from './names.js';

/** Reads the header of a GGUF file and finds every weight of the model in it. Throws as `openCheckpoint` does. */
export async function openGguf(
  source: ModelSource,
  file: SourceFile,
  signal?: AbortSignal,
): Promise<Checkpoint> {
  const gguf = await readGgufHeader(source, file, signal);
  const config = await ggufConfig(gguf);
  const parameters = modelParameters(config);
  const byName = new Map(gguf.tensors.map((tensor) => [tensor.name, tensor]));
  const known = new Set(parameters.map(({ name }) => ggufName(name)));
  const tensors = new Map<string, WeightTensor>();
  for (const parameter of parameters) {
    const tensor = byName.get(ggufName(parameter.name));
    if (tensor !== undefined && fits(tensor, storedParameter(parameter)))
      tensors.set(parameter.name, weightOf(tensor, parameter, gguf));
  }
  // A weight that is left out would silently change what the model computes.
  if (tensors.size < parameters.length || gguf.tensors.some(({ name }) => !known.has(name))) {
    const { wrongTensor } = await import('./wrong_tensor.js');
    throw wrongTensor(parameters, gguf, config);
  }
  let totalBytes = 0;
  for (const { start, end } of tensors.values()) totalBytes += end - start;
  return { source, config, tensors, totalBytes, gguf, notes: [], json: {} };
}

function weightOf(tensor: GgufTensor, parameter: Parameter, { file }: GgufHeader): WeightTensor {
  const { name, type, start, end } = tensor;
  return { name, file: file.path, dtype: type, parameter: storedParameter(parameter), start, end };
}
