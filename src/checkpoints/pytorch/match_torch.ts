import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { modelParameters, type Parameter } from '../../architecture/gpt2/parameters.js';
import { append } from '../../base/append.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import type { GatheredAddresses } from '../gathered_source.js';
import { matchGpt2 } from '../huggingface/match_gpt2.js';
import { canonicalName, EMBEDDING, HEAD } from '../huggingface/names.js';
import type { StoredModel } from '../stored_model.js';
import type { StoredTensor } from '../stored_tensor.js';
import { areSame } from './named_tensors.js';
import { type NamedTensor, TensorPlaces } from './stored_tensors.js';

/** Matrices of the layers, which the core takes as they are or transposed. */
const MATRIX = /^h\.\d+\.(?:attn|crossattention|mlp)\.(?:c_attn|c_proj|c_fc|q_attn)\.weight$/;

/** How a file of PyTorch states its model. */
export interface StatedModel {
  /** The part that states the model's sizes, in messages; default config.json. */
  readonly config?: string;
  /** Biases that are absent are zeros, which computes the same; default false: they are an error. */
  readonly zeroBiases?: boolean;
}

/** The tensor of each parameter among those of a file, and the source that their numbers are read from. */
export async function matchTorch(
  source: ModelSource,
  config: ModelConfig,
  named: readonly NamedTensor[],
  { config: place, zeroBiases = false }: StatedModel = {},
) {
  const places = new TensorPlaces(source.name);
  const byName = new Map(named.map((tensor) => [canonicalName(tensor.name), tensor]));
  const isLinear = hasLinearLayout(byName.get('h.0.attn.c_attn.weight'));
  const [embedding, head] = [byName.get(EMBEDDING), byName.get(HEAD)];
  // Two names of one tensor; comparing the numbers would read both.
  const isShared = config.tiedHead && embedding && head && areSame(embedding, head);
  const transposed = new Set<string>();
  const stored: StoredTensor[] = [];
  for (const tensor of named) {
    const name = canonicalName(tensor.name);
    if (name === undefined || (isShared && tensor === head)) continue;
    const isMatrix = MATRIX.test(name);
    const placed = places.place(tensor, { isTransposed: isMatrix && isLinear, mayTranspose: isMatrix });
    stored.push(placed.stored);
    if (placed.isTransposed) transposed.add(name);
  }
  // An index may name no tensor.
  const [first] = named;
  if (zeroBiases && first) {
    append(stored, zerosFor(absentBiases(config, byName), first.file.file, places.addresses));
  }
  const within = (model: StoredModel): StoredModel => ({
    ...model,
    ...(place !== undefined && { config: place, layersField: `n_layer in ${place}` }),
    layoutOf: (parameter) =>
      transposed.has(parameter.name)
        ? { name: parameter.name, kind: 'linear', shape: [...parameter.shape].reverse() }
        : parameter,
  });
  return { source: places.addresses.in(source), ...(await matchGpt2(source.name, config, stored, within)) };
}

function absentBiases(
  config: ModelConfig,
  byName: ReadonlyMap<string | undefined, NamedTensor>,
): Parameter[] {
  return modelParameters(config).filter(({ name }) => name.endsWith('.bias') && !byName.has(name));
}

/** Zeros for vectors, all at the same addresses. */
function zerosFor(
  vectors: readonly Parameter[],
  file: SourceFile,
  addresses: GatheredAddresses,
): StoredTensor[] {
  const bytes = vectors.map(({ shape }) => 4 * shape[0]!);
  const { start } = addresses.addZeros(file, Math.max(0, ...bytes));
  return vectors.map(({ name, shape }, i) => ({
    ...{ name, file: file.path, dtype: 'F32', shape },
    ...{ start, end: start + bytes[i]! },
  }));
}

/** Whether matrices have a row for each output, as torch.nn.Linear has them, by the shape of c_attn. */
function hasLinearLayout(attention: NamedTensor | undefined): boolean {
  const shape = attention?.tensor.shape;
  return Array.isArray(shape) && shape.length === 2 && shape[0] === 3 * shape[1];
}
