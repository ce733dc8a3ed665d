import type { ModelConfig } from '../../architecture/gpt2/config.js';
import type { Parameter } from '../../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../../base/errors.js';
import { CONFIG_FILE } from '../../files/file_names.js';
import type { ModelSource } from '../../files/source.js';
import type { StoredTensor } from '../safetensors/read.js';
import { layerOf } from './names.js';
import { DTYPES, type FoundTensor } from './stored_weight.js';

/**
 * The error for the first tensor that is not as the config says. `found` are the parameters with the tensors of their names,
 * the head of a tied model before the others; `byName` all tensors, by canonical name.
 */
export function wrongTensor(
  found: readonly FoundTensor[],
  byName: ReadonlyMap<string, StoredTensor>,
  config: ModelConfig,
  source: ModelSource,
): Gpt2Error {
  const problems = found.map((one) => problemOf(one, byName, config, source));
  const ofHead = config.tiedHead && found[0]!.parameter.name === 'lm_head.weight' ? problems[0] : undefined;
  return (
    ofHead ??
    unknownTensor(found, byName, config, source) ??
    problems.find((problem) => problem !== undefined)!
  );
}

function unknownTensor(
  found: readonly FoundTensor[],
  byName: ReadonlyMap<string, StoredTensor>,
  config: ModelConfig,
  source: ModelSource,
): Gpt2Error | undefined {
  const known = new Set(found.map(({ parameter }) => parameter.name));
  const [name, tensor] = [...byName].find(([name]) => !known.has(name)) ?? [];
  if (name === undefined || tensor === undefined) return undefined;
  const where = `${tensor.file} of ${source.name} has the tensor ${JSON.stringify(tensor.name)}`;
  if ((layerOf(name) ?? 0) >= config.layers) {
    return new Gpt2Error('invalid-file', `${where}, but n_layer in ${CONFIG_FILE} is ${config.layers}`);
  }
  return new Gpt2Error(
    'unsupported',
    `${where}, which is no part of GPT-2 and would change what it computes`,
  );
}

/** Why a tensor does not fit its parameter; `undefined` if it does. */
function problemOf(
  { parameter, tensor }: FoundTensor,
  byName: ReadonlyMap<string, StoredTensor>,
  config: ModelConfig,
  source: ModelSource,
): Gpt2Error | undefined {
  if (tensor === undefined) {
    return new Gpt2Error(
      'invalid-file',
      `${source.name} has no tensor "${parameter.name}" of shape ${shapeText(parameter.shape)}${reason(parameter, byName, config)}`,
    );
  }
  const where = `tensor ${JSON.stringify(tensor.name)} in ${tensor.file} of ${source.name}`;
  const [has, must] = [shapeText(tensor.shape), shapeText(parameter.shape)];
  if (has !== must) {
    return new Gpt2Error(
      'invalid-file',
      `${where} has shape ${has}, but by ${CONFIG_FILE} it must be ${must}`,
    );
  }
  if (DTYPES.includes(tensor.dtype)) return undefined;
  return new Gpt2Error('unsupported', `${where} is stored as ${tensor.dtype}; ${DTYPES.join(', ')} are read`);
}

function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** Why a missing weight is asked for, where that is not plain. */
function reason(
  parameter: Parameter,
  byName: ReadonlyMap<string, StoredTensor>,
  config: ModelConfig,
): string {
  if (parameter.name === 'lm_head.weight') {
    return `; ${CONFIG_FILE} says tie_word_embeddings false, so that the head needs its own`;
  }
  if (layerOf(parameter.name) === undefined) return '';
  const layers = new Set([...byName.keys()].map(layerOf).filter((layer) => layer !== undefined)).size;
  return `; n_layer in ${CONFIG_FILE} is ${config.layers}, and weights of ${layers} layers are stored`;
}
