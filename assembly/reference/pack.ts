import { PANEL } from '../abi';

/** fraction * 2^exponent, exact. */
function scaled(fraction: f64, exponent: i32): f64 {
  for (; exponent > 0; exponent--) fraction *= 2;
  for (; exponent < 0; exponent++) fraction /= 2;
  return fraction;
}

/**
 * The number of a sign bit, `exponentBits` of exponent and `fractionBits` of fraction: IEEE 754, 3.4.
 */
function decode(bits: i32, exponentBits: i32, fractionBits: i32): f64 {
  const sign: f64 = (bits >> (exponentBits + fractionBits)) & 1 ? -1 : 1;
  const exponent = (bits >> fractionBits) & ((1 << exponentBits) - 1);
  const fraction = bits & ((1 << fractionBits) - 1);
  const bias = (1 << (exponentBits - 1)) - 1;
  if (exponent == (1 << exponentBits) - 1) return fraction ? NaN : sign * Infinity;
  if (exponent == 0) return sign * scaled(<f64>fraction, 1 - bias - fractionBits);
  return sign * scaled(<f64>((1 << fractionBits) + fraction), exponent - bias - fractionBits);
}

export function decodeF16(bits: i32): f64 {
  return decode(bits, 5, 10);
}

export function decodeBF16(bits: i32): f64 {
  return decode(bits, 8, 7);
}

/** A matrix [K, N] as panels [ceil(N / 16)][K][16], missing columns filled with `missing`. */
export function panels(w: StaticArray<f32>, K: i32, N: i32, missing: f32 = 0): StaticArray<f32> {
  const count = (N + PANEL - 1) / PANEL;
  const out = new StaticArray<f32>(count * K * PANEL);
  for (let panel = 0; panel < count; panel++) {
    for (let k = 0; k < K; k++) {
      for (let column = 0; column < PANEL; column++) {
        const n = panel * PANEL + column;
        out[(panel * K + k) * PANEL + column] = n < N ? w[k * N + n] : missing;
      }
    }
  }
  return out;
}

/** The transpose [columns, rows] of a matrix [rows, columns]. */
export function transpose(w: StaticArray<f32>, rows: i32, columns: i32): StaticArray<f32> {
  const out = new StaticArray<f32>(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) out[column * rows + row] = w[row * columns + column];
  }
  return out;
}
