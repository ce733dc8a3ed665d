import { checkArray } from '../../base/check_lists.js';
import { invalidOption } from '../../base/check_options.js';
import type { ModelConfig } from './config.js';
import { modelParameters, type Parameter } from './parameters.js';

/** Matrices of a layer that an adapter may change, as the model calls them. */
export const LORA_TARGETS = ['attn.c_attn', 'attn.c_proj', 'mlp.c_fc', 'mlp.c_proj'] as const;

/** Those of a layer's attention to encoder states. */
export const CROSS_LORA_TARGETS = [
  'crossattention.q_attn',
  'crossattention.c_attn',
  'crossattention.c_proj',
] as const;

/** Those of a layer of an image encoder. As in PEFT, `output.dense` is also the end of `attention.output.dense`. */
export const ENCODER_LORA_TARGETS = [
  'attention.attention.query',
  'attention.attention.key',
  'attention.attention.value',
  'attention.output.dense',
  'intermediate.dense',
  'output.dense',
] as const;

/** Matrices of the layers of a captioner: decoder, cross-attention and encoder. */
export const CAPTION_LORA_TARGETS = [
  ...LORA_TARGETS,
  ...CROSS_LORA_TARGETS,
  ...ENCODER_LORA_TARGETS,
] as const;

/** A matrix of a layer that an adapter may change. */
export type LoraTarget = (typeof CAPTION_LORA_TARGETS)[number];

/** The change of one matrix W [K, N]: x W becomes x (W + scale A B). */
export interface LoraPair {
  /** Name of the parameter that it belongs to, `h.0.attn.c_attn.weight`. */
  readonly name: string;
  /** Inputs of the matrix. */
  readonly K: number;
  /** Outputs of the matrix. */
  readonly N: number;
  /** r */
  readonly rank: number;
  /** The product of the two factors is multiplied by this. */
  readonly scale: number;
  /** A transposed, [r, K]. */
  readonly a: Float32Array<ArrayBuffer>;
  /** B transposed, [N, r]. */
  readonly b: Float32Array<ArrayBuffer>;
}

/**
 * A low-rank change of some matrices (Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models").
 */
export interface LoraAdapter {
  /** r: rank of the change of each matrix. */
  readonly rank: number;
  /** The change is multiplied by alpha / rank. */
  readonly alpha: number;
  /** Matrices of each layer that are changed. */
  readonly targets: readonly LoraTarget[];
  /** The two factors of each changed matrix, by the matrix's name. */
  readonly pairs: ReadonlyMap<string, LoraPair>;
}

/**
 * Size of a trained adapter: factors of rank `rank` for `targets`, whose product is multiplied by alpha /
 * rank.
 */
export interface LoraShape {
  /** r: rank of the change of each matrix. */
  readonly rank: number;
  /** The change is multiplied by alpha / rank. */
  readonly alpha: number;
  /** Matrices of each layer that are changed. */
  readonly targets: readonly LoraTarget[];
}

/**
 * Those of `all` matrices that names name or, as PEFT takes them, the names' ends: `c_proj` is that of attention and
 * that of the MLP. Throws `invalid-option`.
 */
export function loraTargets(
  names: readonly string[],
  all: readonly LoraTarget[] = LORA_TARGETS,
): LoraTarget[] {
  const isNamed = (target: LoraTarget, name: string) => target === name || target.endsWith(`.${name}`);
  const wrong = names.find((name) => !all.some((target) => isNamed(target, name)));
  if (wrong !== undefined || names.length === 0) {
    throw invalidOption('targets', wrong ?? names, `some of ${all.join(', ')}, c_attn, c_fc, c_proj`);
  }
  return all.filter((target) => names.some((name) => isNamed(target, name)));
}

/** Throws `invalid-option` unless `targets` is an array of whole names of matrices. */
export function checkTargets(targets: unknown): asserts targets is readonly LoraTarget[] {
  const right = `an array with some of ${CAPTION_LORA_TARGETS.join(', ')}`;
  checkArray('targets', targets, right, (target) => CAPTION_LORA_TARGETS.includes(target as LoraTarget));
  if (targets.length === 0) throw invalidOption('targets', targets, right);
}

/** The matrices of a model that targets name. */
export function targetParameters(config: ModelConfig, targets: readonly LoraTarget[]): Parameter[] {
  return namedBy(targets, modelParameters(config));
}

/** Those parameters that are matrices of the targets. */
export function namedBy(targets: readonly LoraTarget[], parameters: readonly Parameter[]): Parameter[] {
  return parameters.filter(({ name }) => targets.some((target) => name.endsWith(`.${target}.weight`)));
}

/** K and N of a matrix [K, N], however it is stored. */
export function matrixSizes({ kind, shape }: Parameter): [K: number, N: number] {
  const [rows, columns] = shape as [number, number];
  return kind === 'linear' ? [columns, rows] : [rows, columns];
}

/** The two matrices of the adapter of a matrix [K, N], as stored: A [r, K] and B [N, r]. */
export function loraParameters(parameter: Parameter, rank: number): { a: Parameter; b: Parameter } {
  const { name } = parameter;
  const [K, N] = matrixSizes(parameter);
  const half = (letter: 'A' | 'B', ...sizes: number[]): Parameter => ({
    name: name.replace(/weight$/, `lora_${letter}.weight`),
    kind: 'linear',
    shape: sizes,
  });
  return { a: half('A', rank, K), b: half('B', N, rank) };
}

/** Adds factor A B to rows firstRow.. of a matrix, stored as [K, N] (`conv1d`) or as [N, K]. */
export function addProduct(
  { a, b, rank, K, N }: LoraPair,
  factor: number,
  values: Float32Array,
  firstRow: number,
  isConv1d: boolean,
): void {
  const columns = isConv1d ? N : K;
  const row = new Float32Array(rank);
  for (let start = 0, i = firstRow; start < values.length; start += columns, i++) {
    if (isConv1d) {
      for (let r = 0; r < rank; r++) row[r] = factor * a[r * K + i]!;
      for (let n = 0; n < N; n++) {
        let sum = 0;
        for (let r = 0; r < rank; r++) sum += row[r]! * b[n * rank + r]!;
        values[start + n]! += sum;
      }
    } else {
      for (let r = 0; r < rank; r++) {
        const weight = factor * b[i * rank + r]!;
        for (let k = 0; k < K; k++) values[start + k]! += weight * a[r * K + k]!;
      }
    }
  }
}

/** The pairs of an adapter and the factor of their changes. */
export interface WeightedAdapter {
  readonly adapter: Pick<LoraAdapter, 'pairs'>;
  readonly weight: number;
}
