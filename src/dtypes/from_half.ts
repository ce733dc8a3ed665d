/** 2^(e - 25) for each exponent field e: the value of the last bit of the 11-bit significand. */
const HALF_UNITS = Float64Array.from({ length: 32 }, (_, exponent) => 2 ** (exponent - 25));

/** The half-precision number (IEEE 754 binary16, little-endian) at bytes[at], exactly. */
export function fromHalf(bytes: Uint8Array, at: number): number {
  const bits = bytes[at]! | (bytes[at + 1]! << 8);
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  let magnitude: number;
  if (exponent === 0) magnitude = fraction * HALF_UNITS[1]!;
  else if (exponent === 31) magnitude = fraction === 0 ? Infinity : Number.NaN;
  else magnitude = (1024 + fraction) * HALF_UNITS[exponent]!;
  return bits & 0x8000 ? -magnitude : magnitude;
}
