import { modelParameters, type Parameter } from '../../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../../base/errors.js';
import { storedBytes } from '../../dtypes/decode.js';
import type { Checkpoint, WeightTensor } from '../checkpoint.js';
import type { FoundModel } from '../format.js';
import { storedParameter } from '../gguf/names.js';
import { byteLengthOf } from '../match.js';
import { HEADER_BYTES, readLlmcHeader } from './header.js';

/**
 * Reads the header of a model file of llm.c; the weights follow it without names. Throws as `openCheckpoint`
 * does.
 *
 * Format: https://github.com/karpathy/llm.c/blob/master/train_gpt2.py
 */
export async function openLlmc(
  { source, listed, file }: FoundModel,
  signal?: AbortSignal,
): Promise<Checkpoint> {
  const { config, dtype, paddedVocabSize } = await readLlmcHeader(source, file, listed, signal);
  const padding = storedBytes(dtype, (paddedVocabSize - config.vocabSize) * config.channels);
  const tensors = new Map<string, WeightTensor>();
  let end = HEADER_BYTES;
  for (const parameter of inFileOrder(modelParameters(config))) {
    const { name, shape } = parameter;
    const start = end;
    end += storedBytes(
      dtype,
      shape.reduce((product, size) => product * size),
    );
    tensors.set(name, { name, file: file.path, dtype, parameter: storedParameter(parameter), start, end });
    if (name === 'wte.weight') end += padding;
  }
  if (end !== file.byteLength) {
    throw new Gpt2Error(
      'invalid-file',
      `${file.path} of ${source.name} has ${file.byteLength} bytes, but a model of its header takes ${end}; ` +
        'it is cut off or damaged',
    );
  }
  return { source, config, tensors, totalBytes: byteLengthOf(tensors), notes: [], json: {}, format: 'llm.c' };
}

/** A file has each part of a layer for all layers together, in the order in which a layer has its parts. */
function inFileOrder(parameters: readonly Parameter[]): Parameter[] {
  const parts = new Map<string, Parameter[]>();
  for (const parameter of parameters) {
    const part = parameter.name.replace(/^h\.\d+/, 'h');
    const others = parts.get(part);
    if (others === undefined) parts.set(part, [parameter]);
    else others.push(parameter);
  }
  return [...parts.values()].flat();
}
