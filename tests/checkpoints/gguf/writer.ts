/** Value types of GGUF metadata by name. */
export const VALUE_TYPES = {
  ...{ u8: 0, i8: 1, u16: 2, i16: 3, u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9, u64: 10, i64: 11 },
  f64: 12,
} as const;
export type ValueType = keyof typeof VALUE_TYPES;

/** Tensor types by name, with the weights and bytes of a block. */
export const TENSOR_TYPES = {
  F32: { number: 0, weights: 1, bytes: 4 },
  F16: { number: 1, weights: 1, bytes: 2 },
  Q4_0: { number: 2, weights: 32, bytes: 18 },
  Q4_1: { number: 3, weights: 32, bytes: 20 },
  Q5_0: { number: 6, weights: 32, bytes: 22 },
  Q5_1: { number: 7, weights: 32, bytes: 24 },
  Q8_0: { number: 8, weights: 32, bytes: 34 },
  Q4_K: { number: 12, weights: 256, bytes: 144 },
  Q5_K: { number: 13, weights: 256, bytes: 176 },
  Q6_K: { number: 14, weights: 256, bytes: 210 },
  BF16: { number: 30, weights: 1, bytes: 2 },
  Q2_K: { number: 10, weights: 256, bytes: 84 },
  Q3_K: { number: 11, weights: 256, bytes: 110 },
  IQ4_NL: { number: 20, weights: 32, bytes: 18 },
  IQ4_XS: { number: 23, weights: 256, bytes: 136 },
  MXFP4: { number: 39, weights: 32, bytes: 17 },
} as const;
/** The rarest types. */
export const RARE_TYPES = ['Q2_K', 'Q3_K', 'IQ4_NL', 'IQ4_XS', 'MXFP4'] as const;
export type TensorType = keyof typeof TENSOR_TYPES;

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

type NumberType = Exclude<ValueType, 'string' | 'array'>;
const SETTERS = {
  u8: ['setUint8', 1],
  i8: ['setInt8', 1],
  bool: ['setUint8', 1],
  u16: ['setUint16', 2],
  i16: ['setInt16', 2],
  u32: ['setUint32', 4],
  i32: ['setInt32', 4],
  f32: ['setFloat32', 4],
  u64: ['setBigUint64', 8],
  i64: ['setBigInt64', 8],
  f64: ['setFloat64', 8],
} as const satisfies Record<NumberType, unknown>;

export function scalar(type: ValueType, value: number | bigint | boolean | string): Uint8Array {
  if (type === 'string') return string(value as string);
  const [setter, bytes] = SETTERS[type as NumberType];
  const view = new DataView(new ArrayBuffer(bytes));
  if (setter === 'setBigUint64' || setter === 'setBigInt64') view[setter](0, BigInt(value), true);
  else view[setter](0, Number(value), true);
  return new Uint8Array(view.buffer);
}

export function string(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return concat([scalar('u64', bytes.length), bytes]);
}

/** A metadata value, preceded by its type. */
export function typed(type: ValueType, value: number | bigint | boolean | string): Uint8Array {
  return concat([scalar('u32', VALUE_TYPES[type]), scalar(type, value)]);
}

export function array(element: ValueType, values: readonly (number | boolean | string)[]): Uint8Array {
  const elements = values.map((value) => scalar(element, value));
  return concat([
    scalar('u32', VALUE_TYPES.array),
    scalar('u32', VALUE_TYPES[element]),
    scalar('u64', values.length),
    ...elements,
  ]);
}

export interface Tensor {
  readonly name: string;
  /** In the order of the file: the contiguous dimension first. */
  readonly dimensions: readonly (number | bigint)[];
  readonly type: TensorType | number;
  readonly data: Uint8Array;
  /** Overrides the offset that follows from the previous tensors. */
  readonly offset?: number | bigint;
}

export interface GgufFile {
  readonly magic?: string;
  readonly version?: number;
  readonly alignment?: number;
  /** Overrides the counts in the header. */
  readonly tensorCount?: number | bigint;
  readonly pairCount?: number | bigint;
  readonly metadata: readonly (readonly [key: string, value: Uint8Array])[];
  readonly tensors: readonly Tensor[];
}

/** The bytes of a GGUF file, by the format's definition, with wrong values where the options ask for them. */
export function writeGguf(file: GgufFile): Uint8Array {
  const { magic = 'GGUF', version = 3, alignment = 32, metadata, tensors } = file;
  const padding = (length: number) => new Uint8Array((alignment - (length % alignment)) % alignment);
  let next = 0;
  const infos = tensors.map(({ name, dimensions, type, data, offset = next }) => {
    next += data.length + padding(data.length).length;
    return concat([
      string(name),
      scalar('u32', dimensions.length),
      ...dimensions.map((size) => scalar('u64', size)),
      scalar('u32', typeof type === 'number' ? type : TENSOR_TYPES[type].number),
      scalar('u64', offset),
    ]);
  });
  const header = concat([
    new TextEncoder().encode(magic),
    scalar('u32', version),
    scalar('u64', file.tensorCount ?? tensors.length),
    scalar('u64', file.pairCount ?? metadata.length),
    ...metadata.flatMap(([key, value]) => [string(key), value]),
    ...infos,
  ]);
  return concat([
    header,
    padding(header.length),
    ...tensors.flatMap(({ data }) => [data, padding(data.length)]),
  ]);
}
