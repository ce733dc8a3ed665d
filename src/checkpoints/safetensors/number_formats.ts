/** The bits of every number format of safetensors, also of those that no model is read from. */
export const BITS: ReadonlyMap<unknown, number> = new Map(
  Object.entries({
    ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6, BOOL: 8, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8 },
    ...{ F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8, I16: 16, U16: 16, F16: 16, BF16: 16, I32: 32, U32: 32, F32: 32 },
    ...{ I64: 64, U64: 64, F64: 64, C64: 64 },
  }),
);

/** Whether a value is a list of whole numbers from 0. */
export function areCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

/** Bytes of a tensor; `undefined` for an unknown number format, and for a shape that is too large for any file. */
export function byteLengthOf(dtype: unknown, shape: readonly number[]): number | undefined {
  const bits = BITS.get(dtype);
  if (bits === undefined) return undefined;
  let size = bits / 8;
  for (const length of shape) {
    size *= length;
    if (size > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return size;
}
