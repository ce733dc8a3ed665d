import { Gpt2Error } from '../../base/errors.js';
import { described, PickleObject } from '../../files/pickle/values.js';
import { TorchTensor } from './torch_values.js';

/** The name that ends the token embedding's, by which the weights of a GPT-2 are known. */
export const EMBEDDING = /(?:^|\.)wte\.weight$/;
/** Keys that trainers give the model itself, and not an average of it or another network. */
const USUAL_KEYS = ['model', 'state_dict', 'model_state_dict', 'module'];
/** Deepest dictionaries that are searched, and the most of each depth. */
const MAX_DEPTH = 8;
const MAX_PLACES = 100_000;

/** Names and values of a state dict: tensors, and what is no tensor. */
export type StateDict = ReadonlyMap<unknown, unknown>;

/** The weights in a saved value. */
export interface FoundWeights {
  readonly weights: StateDict;
  /** Keys that lead to them, with dots between; empty for the value itself. */
  readonly path: string;
  /** Keys that lead to others of the same depth. */
  readonly others: readonly string[];
}

type Candidate = Pick<FoundWeights, 'weights' | 'path'>;

interface Place {
  readonly value: unknown;
  readonly path: readonly string[];
}

/**
 * The dictionary in a saved value that holds the weights of a GPT-2, whatever the trainer called it: the one
 * with a token embedding that is nearest to the value itself. `undefined` if there is none. Throws
 * `unsupported` if there are several and none has the usual name.
 */
export function findWeights(value: unknown, where: string): FoundWeights | undefined {
  const visited = new Set<unknown>();
  let places: Place[] = [{ value, path: [] }];
  for (let depth = 0; depth <= MAX_DEPTH && places.length > 0; depth++) {
    const found: Candidate[] = [];
    const below: Place[] = [];
    for (const { value, path } of places) {
      if (visited.has(value)) continue;
      visited.add(value);
      const dictionary = dictionaryOf(value);
      if (isStateDict(dictionary)) {
        found.push({ weights: dictionary, path: path.join('.') });
        continue;
      }
      for (const [key, inner] of childrenOf(value, dictionary)) {
        if (isPlace(inner) && below.length < MAX_PLACES) below.push({ value: inner, path: [...path, key] });
      }
    }
    if (found.length > 0) return choose(found, where);
    places = below;
  }
  return undefined;
}

/** Whether weights may be in a value. */
function isPlace(value: unknown): boolean {
  return value instanceof Map || value instanceof PickleObject || Array.isArray(value);
}

function choose(found: readonly Candidate[], where: string): FoundWeights {
  const usual = USUAL_KEYS.map((key) => found.find(({ path }) => path === key)).find(
    (each) => each !== undefined,
  );
  const chosen = usual ?? found[0]!;
  const paths = found.map(({ path }) => path);
  if (usual === undefined && found.length > 1) {
    throw new Gpt2Error(
      'unsupported',
      `${where} has several models: ${paths.join(', ')}; save the one that is meant alone: ` +
        'torch.save(file["..."], path)',
    );
  }
  return { ...chosen, others: paths.filter((path) => path !== chosen.path) };
}

function isStateDict(dictionary: StateDict | undefined): dictionary is StateDict {
  if (dictionary === undefined) return false;
  for (const [name, value] of dictionary) {
    if (typeof name !== 'string' || !EMBEDDING.test(name)) continue;
    if (value instanceof TorchTensor || value instanceof PickleObject) return true;
  }
  return false;
}

/**
 * The entries of a dictionary, also of one of a class of its own; or the parameters of a whole saved module.
 */
function dictionaryOf(value: unknown): StateDict | undefined {
  if (value instanceof Map) return value;
  if (!(value instanceof PickleObject)) return undefined;
  if (value.entries !== undefined) return value.entries;
  if (!(value.state instanceof Map)) return undefined;
  return isModule(value) ? parametersOf(value) : value.state;
}

function* childrenOf(value: unknown, dictionary: StateDict | undefined): Iterable<[string, unknown]> {
  if (dictionary !== undefined) for (const [key, inner] of dictionary) yield [nameOf(key), inner];
  if (value instanceof PickleObject && value.state !== dictionary) yield ['state', value.state];
  if (Array.isArray(value)) for (const [i, inner] of value.entries()) yield [String(i), inner];
}

/** A key as a part of a path. */
function nameOf(key: unknown): string {
  return typeof key === 'string' ? key : described(key);
}

/** Whether an object is a torch.nn.Module, which torch.save(model) writes with its attributes. */
function isModule(value: unknown): value is PickleObject & { state: ReadonlyMap<unknown, unknown> } {
  return (
    value instanceof PickleObject && value.state instanceof Map && value.state.get('_modules') instanceof Map
  );
}

/** Parameters and buffers of a module and those within it, under the names that its state dict has. */
function parametersOf(module: PickleObject): StateDict {
  const found = new Map<string, unknown>();
  const visited = new Set<unknown>();
  const open: { module: unknown; prefix: string }[] = [{ module, prefix: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { module, prefix } = next;
    if (!isModule(module) || visited.has(module) || visited.size > MAX_PLACES) continue;
    visited.add(module);
    for (const part of ['_parameters', '_buffers']) {
      const values = module.state.get(part);
      if (!(values instanceof Map)) continue;
      for (const [name, value] of values) if (value !== null) found.set(prefix + nameOf(name), value);
    }
    const inner = [...(module.state.get('_modules') as ReadonlyMap<unknown, unknown>)];
    for (const [name, module] of inner.reverse()) open.push({ module, prefix: `${prefix}${nameOf(name)}.` });
  }
  return found;
}
