/** Formats of single numbers, as safetensors spells them. */
export type Dtype = 'F32' | 'F16' | 'BF16';

/** Every `Dtype`. */
export const DTYPES: readonly string[] = ['F32', 'F16', 'BF16'] satisfies Dtype[];

/** Formats of blocks: consecutive weights of one row that share scales. */
export type BlockType =
  | ('Q4_0' | 'Q4_1' | 'Q5_0' | 'Q5_1' | 'Q8_0')
  | ('Q2_K' | 'Q3_K' | 'Q4_K' | 'Q5_K' | 'Q6_K' | 'IQ4_NL' | 'IQ4_XS' | 'MXFP4');

/** Formats that are known once `rare_blocks.ts` is loaded. */
export type RareBlockType = Exclude<BlockType, 'Q4_0' | 'Q4_1' | 'Q5_0' | 'Q5_1' | 'Q8_0'>;

/** Number format of a stored tensor. */
export type TensorType = Dtype | BlockType;

/** Weights in one block, and its bytes; single numbers are blocks of one. */
export interface BlockSize {
  readonly weights: number;
  readonly bytes: number;
  /** The type's number in GGUF files: `ggml_type` of https://github.com/ggml-org/ggml */
  readonly number: number;
}

export const BLOCK_SIZES = {
  F32: { weights: 1, bytes: 4, number: 0 },
  F16: { weights: 1, bytes: 2, number: 1 },
  BF16: { weights: 1, bytes: 2, number: 30 },
  Q4_0: { weights: 32, bytes: 18, number: 2 },
  Q4_1: { weights: 32, bytes: 20, number: 3 },
  Q5_0: { weights: 32, bytes: 22, number: 6 },
  Q5_1: { weights: 32, bytes: 24, number: 7 },
  Q8_0: { weights: 32, bytes: 34, number: 8 },
} as Readonly<Record<TensorType, BlockSize>>;

/** The type of this number, `undefined` if it is not read. */
export function typeOfNumber(number: number): TensorType | undefined {
  return (Object.keys(BLOCK_SIZES) as TensorType[]).find((type) => BLOCK_SIZES[type].number === number);
}

export function isDtype(name: string): name is Dtype {
  return DTYPES.includes(name);
}

export function isTensorType(name: string): name is TensorType {
  return Object.hasOwn(BLOCK_SIZES, name);
}

export function isBlockType(type: TensorType): type is BlockType {
  return BLOCK_SIZES[type].weights > 1;
}
