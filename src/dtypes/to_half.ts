/** Adding and subtracting it rounds a number to the nearest integer, ties to even. */
const TO_WHOLE = 1.5 * 2 ** 52;

const f32 = new Float32Array(1);
const f32Bits = new Uint32Array(f32.buffer);

/** The bits of the half-precision number nearest to an f32, ties to even. */
export function toHalf(value: number): number {
  f32[0] = value;
  const sign = (f32Bits[0]! >>> 16) & 0x8000;
  const magnitude = f32Bits[0]! & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  // Below 2^-14 halves are multiples of 2^-24.
  if (magnitude < 0x38800000) return sign | (Math.abs(f32[0]!) * 2 ** 24 + TO_WHOLE - TO_WHOLE);
  const rebiased = magnitude - 0x38000000;
  return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
}
