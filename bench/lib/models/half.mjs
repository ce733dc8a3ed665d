/** f32 numbers below 65504 in size as f16, rounded to nearest; those below f16's normal numbers become 0. */
export function toHalf(values) {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < halves.length; i++) {
    const rounded = bits[i] + 0x1000;
    const exponent = ((rounded >>> 23) & 0xff) - 112;
    const sign = (bits[i] >>> 16) & 0x8000;
    halves[i] = exponent <= 0 ? sign : sign | (exponent << 10) | ((rounded >>> 13) & 0x3ff);
  }
  return halves;
}
