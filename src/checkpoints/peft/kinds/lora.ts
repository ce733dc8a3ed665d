import type { LoraPair } from '../../../architecture/gpt2/lora.js';
import { matrixSizes } from '../../../architecture/gpt2/lora.js';
import type { Parameter } from '../../../architecture/gpt2/parameters.js';
import type { JsonObject } from '../../../files/json_object.js';
import type { StoredTensor } from '../../stored_tensor.js';
import { EMBEDDING, POSITIONS } from '../adapted_model.js';
import type { AdapterBuilder } from '../adapter_builder.js';
import type { AdaptedModule, AdapterTensors } from '../adapter_tensors.js';
import { DenseSum } from '../changes/dense_sum.js';
import { Dora } from '../changes/dora.js';
import { notComputed, rankSettings, refuseFields } from '../config_fields.js';
import { biasOf } from './bias_of.js';
import { readTokenRows, TOKEN_ROWS } from './token_rows.js';

/** Fields of PEFT's LoraConfig that ask for another computation if they are set. */
const OTHER_COMPUTATIONS = [
  'enable_lora',
  'target_parameters',
  'alora_invocation_tokens',
  'layer_replication',
  'use_qalora',
  'use_bdlora',
  'arrow_config',
  'kasa_config',
  'monteclora_config',
  'velora_config',
];

/** With any other initialization, PEFT changes the model's own weights too. */
const INITIALIZATIONS: readonly unknown[] = [true, false, 'gaussian', 'eva', 'orthogonal', undefined, null];

const CONVERT_FIRST =
  'it changes the base model too; save it again with path_initial_model_for_weight_conversion, as plain LoRA';

const BIASES: readonly unknown[] = ['none', 'all', 'lora_only', undefined, null];

const A = 'lora_A';
const B = 'lora_B';
const BIAS = 'lora_B.bias';
const LENGTHS = 'lora_magnitude_vector';
const EMBEDDING_A = 'lora_embedding_A';
const EMBEDDING_B = 'lora_embedding_B';

/** LoRA (Hu et al. 2021), also with the lengths of DoRA and with biases. */
export async function readLora(tensors: AdapterTensors, builder: AdapterBuilder): Promise<void> {
  const { fields, where } = tensors;
  checkLora(fields, where);
  const { use_rslora: isStable, use_dora: hasLengths, lora_bias: hasBias, ensure_weight_tying: tie } = fields;
  const { rankOf, alphaOf } = rankSettings(fields, 'lora_alpha', where);
  for (const module of tensors.modules) {
    const { name, parameter, parts } = module;
    if (parts.has(TOKEN_ROWS)) {
      await readTokenRows(tensors, module, fields.trainable_token_indices, builder);
      continue;
    }
    const rank = rankOf(name);
    const scale = alphaOf(name) / (isStable === true ? Math.sqrt(rank) : rank);
    const isEmbedding = parameter.name === EMBEDDING || parameter.name === POSITIONS;
    const pair = isEmbedding
      ? await embeddingPair(tensors, module, rank, scale, hasLengths === true)
      : await matrixPair(tensors, module, rank, scale, hasLengths === true, hasBias === true);
    if (hasLengths === true) {
      const outputs = isEmbedding ? parameter.shape[1]! : pair.N;
      const lengths = await tensors.read(parts.get(LENGTHS)!, [outputs]);
      builder.add(parameter.name, new Dora(pair, lengths, isEmbedding), tie === true);
      continue;
    }
    builder.addPair(pair, tie === true);
    const stored = parts.get(BIAS);
    if (stored === undefined) continue;
    const bias = biasOf(tensors, parameter);
    const values = await tensors.read(stored, [pair.N]);
    builder.add(bias.name, new DenseSum('lora_bias', bias, (_, column) => scale * values[column]!));
  }
}

/** Throws `unsupported` for settings that are not computed. */
export function checkLora(fields: JsonObject, where: string): void {
  const { init_lora_weights: initialization, bias, use_dora: hasLengths, lora_bias: hasBias } = fields;
  refuseFields(fields, OTHER_COMPUTATIONS, where);
  if (!INITIALIZATIONS.includes(initialization)) {
    throw notComputed(where, 'init_lora_weights', initialization, CONVERT_FIRST);
  }
  if (!BIASES.includes(bias)) throw notComputed(where, 'bias', bias);
  if (hasLengths === true && hasBias === true) throw notComputed(where, 'lora_bias beside use_dora', true);
}

async function matrixPair(
  tensors: AdapterTensors,
  module: AdaptedModule,
  rank: number,
  scale: number,
  hasLengths: boolean,
  hasBias: boolean,
): Promise<LoraPair> {
  const { parameter } = module;
  const [K, N] = matrixSizes(parameter);
  const more = [...(hasLengths ? [LENGTHS] : []), ...(hasBias ? [BIAS] : [])];
  const parts = tensors.partsOf(module, [A, B], more);
  const a = await tensors.read(parts[A], [rank, K]);
  const b = await tensors.read(parts[B], [N, rank]);
  return { name: parameter.name, K, N, rank, scale, a, b };
}

/** The pair of an embedding, which is a Linear matrix with a row for each token or position. */
async function embeddingPair(
  tensors: AdapterTensors,
  module: AdaptedModule,
  rank: number,
  scale: number,
  hasLengths: boolean,
): Promise<LoraPair> {
  const { parameter } = module;
  const [N, K] = parameter.shape as [number, number];
  const parts = tensors.partsOf(module, [EMBEDDING_A, EMBEDDING_B], hasLengths ? [LENGTHS] : []);
  const stored = storedRows(parameter, parts[EMBEDDING_A], 1);
  const rows = await tensors.read(parts[EMBEDDING_A], [rank, stored]);
  const columns = await tensors.read(parts[EMBEDDING_B], [K, rank]);
  const b = transposed(rows, rank, stored).subarray(0, N * rank);
  return { name: parameter.name, K, N, rank, scale, a: transposed(columns, K, rank), b };
}

/** Rows of an embedding that a file has: of positions also those that a shorter context leaves out. */
export function storedRows({ name, shape }: Parameter, tensor: StoredTensor, axis: number): number {
  const stored = tensor.shape[axis] ?? 0;
  return name === POSITIONS ? Math.max(shape[0]!, stored) : shape[0]!;
}

function transposed(
  values: Float32Array<ArrayBuffer>,
  rows: number,
  columns: number,
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = values[row * columns + column]!;
  }
  return result;
}
