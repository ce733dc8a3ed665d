/** Number format of a stored tensor, as safetensors spells it. */
export type Dtype = 'F32' | 'F16' | 'BF16';

/** Number formats that store whole blocks of weights of one row under shared scales. */
export type BlockType = 'Q4_0' | 'Q4_1' | 'Q5_0' | 'Q5_1' | 'Q8_0' | 'Q4_K' | 'Q5_K' | 'Q6_K';

/** Number format of a stored tensor. */
export type TensorType = Dtype | BlockType;

/** Weights in one block and the bytes it takes; plain numbers are blocks of one. */
export interface BlockSize {
  readonly weights: number;
  readonly bytes: number;
}

export const BLOCK_SIZES: Readonly<Record<TensorType, BlockSize>> = {
  F32: { weights: 1, bytes: 4 },
  F16: { weights: 1, bytes: 2 },
  BF16: { weights: 1, bytes: 2 },
  Q4_0: { weights: 32, bytes: 18 },
  Q4_1: { weights: 32, bytes: 20 },
  Q5_0: { weights: 32, bytes: 22 },
  Q5_1: { weights: 32, bytes: 24 },
  Q8_0: { weights: 32, bytes: 34 },
  Q4_K: { weights: 256, bytes: 144 },
  Q5_K: { weights: 256, bytes: 176 },
  Q6_K: { weights: 256, bytes: 210 },
};

/** Names, each at the number that stands in a file: `ggml_type` of https://github.com/ggml-org/ggml, gaps are retired. */
const TYPE_NAMES: readonly string[] = [
  ...['F32', 'F16', 'Q4_0', 'Q4_1', 'Q4_2', 'Q4_3', 'Q5_0', 'Q5_1', 'Q8_0', 'Q8_1', 'Q2_K', 'Q3_K'],
  ...['Q4_K', 'Q5_K', 'Q6_K', 'Q8_K', 'IQ2_XXS', 'IQ2_XS', 'IQ3_XXS', 'IQ1_S', 'IQ4_NL', 'IQ3_S', 'IQ2_S'],
  ...['IQ4_XS', 'I8', 'I16', 'I32', 'I64', 'F64', 'IQ1_M', 'BF16', 'Q4_0_4_4', 'Q4_0_4_8', 'Q4_0_8_8'],
  ...['TQ1_0', 'TQ2_0', 'IQ4_NL_4_4', 'IQ4_NL_4_8', 'IQ4_NL_8_8', 'MXFP4'],
];

/** The name of a type's number, `undefined` for a number that ggml has not given out. */
export function typeName(number: number): string | undefined {
  return TYPE_NAMES[number];
}

/** The number that stands for a type in a file. */
export function typeNumber(type: TensorType): number {
  return TYPE_NAMES.indexOf(type);
}

export function isTensorType(name: string): name is TensorType {
  return Object.hasOwn(BLOCK_SIZES, name);
}

export function isBlockType(type: TensorType): type is BlockType {
  return BLOCK_SIZES[type].weights > 1;
}
