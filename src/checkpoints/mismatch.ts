import type { Parameter } from '../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../base/errors.js';
import { DTYPES, isTensorType } from '../dtypes/tensor_types.js';
import type { StoredModel } from './stored_model.js';
import type { StoredTensor } from './stored_tensor.js';

/**
 * The error for stored tensors that do not match the parameters: for two tensors of one name, else for a
 * tensor without a parameter, else for the first parameter without a suitable tensor.
 */
export function mismatch(
  parameters: readonly Parameter[],
  stored: readonly StoredTensor[],
  model: StoredModel,
): Gpt2Error {
  const byName = new Map<string, StoredTensor>();
  for (const tensor of stored) {
    const name = model.canonicalName(tensor.name);
    if (name === undefined) continue;
    const other = byName.get(name);
    if (other !== undefined) return storedTwice(name, other, tensor, model);
    byName.set(name, tensor);
  }
  const known = new Set(parameters.map((parameter) => model.nameOf(parameter.name)));
  const unknown = [...byName].find(([name]) => !known.has(name));
  if (unknown !== undefined) return unknownTensor(...unknown, model);
  // Only up to the first: a config may claim thousands of layers that are not stored.
  for (const parameter of parameters) {
    const problem = problemOf(parameter, byName, model);
    if (problem !== undefined) return problem;
  }
  throw new Error('the tensors match');
}

function storedTwice(
  name: string,
  first: StoredTensor,
  second: StoredTensor,
  { source }: StoredModel,
): Gpt2Error {
  const [as, and] = [first, second].map((tensor) => `as ${JSON.stringify(tensor.name)} in ${tensor.file}`);
  return new Gpt2Error('invalid-file', `${source} stores ${name} twice: ${as} and ${and}`);
}

function unknownTensor(name: string, tensor: StoredTensor, model: StoredModel): Gpt2Error {
  const { source, layers, layersField, architecture = 'GPT-2' } = model;
  const has = `${tensor.file} of ${source} has the tensor ${JSON.stringify(tensor.name)}`;
  if ((layerOf(name, model) ?? 0) >= layers) {
    return new Gpt2Error('invalid-file', `${has}, but ${layersField} is ${layers}`);
  }
  return new Gpt2Error(
    'unsupported',
    `${has}, which is no part of ${architecture} and would change what it computes`,
  );
}

/** Why the tensor of a parameter cannot be used; `undefined` if it can. */
function problemOf(
  parameter: Parameter,
  byName: ReadonlyMap<string, StoredTensor>,
  model: StoredModel,
): Gpt2Error | undefined {
  const name = model.nameOf(parameter.name);
  const tensor = byName.get(name);
  const { shape } = model.layoutOf(parameter);
  if (tensor === undefined) {
    return new Gpt2Error(
      'invalid-file',
      `${placeOf(byName, model)} has no tensor "${name}" of shape ${shapeText(shape)}${reason(name, byName, model)}`,
    );
  }
  const where = `tensor ${JSON.stringify(tensor.name)} in ${tensor.file} of ${model.source}`;
  if (!model.fits(tensor.shape, shape)) {
    return new Gpt2Error(
      'invalid-file',
      `${where} has shape ${shapeText(tensor.shape)}, but by ${model.config} it must be ${shapeText(shape)}`,
    );
  }
  if (isTensorType(tensor.dtype)) return undefined;
  return new Gpt2Error('unsupported', `${where} is stored as ${tensor.dtype}; ${DTYPES.join(', ')} are read`);
}

/** Names the place of all tensors: their file, or the source if they lie in several. */
function placeOf(byName: ReadonlyMap<string, StoredTensor>, { source }: StoredModel): string {
  const [file, ...others] = new Set([...byName.values()].map((tensor) => tensor.file));
  return file === undefined || others.length > 0 ? source : `${file} of ${source}`;
}

/** Why a missing tensor is needed, if that is not obvious. */
function reason(name: string, byName: ReadonlyMap<string, StoredTensor>, model: StoredModel): string {
  const { config, layers, layersField, untied } = model;
  if (name.endsWith('lm_head.weight') && untied !== undefined) {
    return `; ${config} says ${untied}, so that the head needs its own`;
  }
  if (layerOf(name, model) === undefined) return '';
  const stored = new Set([...byName.keys()].map((name) => layerOf(name, model)));
  stored.delete(undefined);
  return `; ${layersField} is ${layers}, and weights of ${stored.size} layers are stored`;
}

/** The number of the layer in a tensor's canonical name. */
function layerOf(name: string, { layerPrefix }: StoredModel): number | undefined {
  const [layer = ''] = name.startsWith(`${layerPrefix}.`)
    ? name.slice(layerPrefix.length + 1).split('.')
    : [];
  return /^\d+$/.test(layer) ? Number(layer) : undefined;
}

function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
