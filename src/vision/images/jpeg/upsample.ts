import type { Component, Frame } from './frame.js';

/** Writes the samples of row `y` of the picture to `out`, one for each of its pixels or more. */
export type Upsampler = (y: number, out: Uint8Array) => void;

/** libjpeg's "fancy" upsampling, bit by bit: triangle filters for factors of 2, copies for others. */
export function upsampler(component: Component, { maxH, maxV }: Frame): Upsampler {
  const { samples, width, height, blocksWide } = component;
  const stride = blocksWide * 8;
  const across = maxH / component.h;
  const down = maxV / component.v;
  const row = (y: number) => samples.subarray(y * stride, y * stride + width);
  /** The other row that counts for row `y` of the picture, where a row has two. */
  const neighbour = (y: number) => row(Math.max(0, Math.min(height - 1, (y >> 1) + (y % 2 === 0 ? -1 : 1))));
  // A picture of one or two columns has no inner ones.
  if (across === 2 && down === 1 && width > 2) return (y, out) => widen(row(y), out);
  if (across === 1 && down === 2) return (y, out) => between(row(y >> 1), neighbour(y), out, 1 + (y % 2));
  if (across === 2 && down === 2 && width > 2) {
    const sums = new Int32Array(width);
    return (y, out) => widenBetween(row(y >> 1), neighbour(y), sums, out);
  }
  return (y, out) => copy(row(Math.floor(y / down)), out, across);
}

/** Each sample `across` times. */
function copy(row: Uint8Array, out: Uint8Array, across: number): void {
  if (across === 1) out.set(row);
  else for (let x = 0, to = 0; x < row.length; x++, to += across) out.fill(row[x]!, to, to + across);
}

/** Two samples for each one: three quarters of it, one quarter of the nearer neighbour. */
function widen(row: Uint8Array, out: Uint8Array): void {
  const last = row.length - 1;
  for (let x = 0; x <= last; x++) {
    const three = row[x]! * 3;
    out[2 * x] = (three + row[x - 1]! + 1) >> 2;
    out[2 * x + 1] = (three + row[x + 1]! + 2) >> 2;
  }
  out[0] = row[0]!;
  out[2 * last + 1] = row[last]!;
}

/** Three quarters of a row and one of its neighbour; `bias` rounds up and down by turns. */
function between(row: Uint8Array, neighbour: Uint8Array, out: Uint8Array, bias: number): void {
  for (let x = 0; x < row.length; x++) out[x] = (row[x]! * 3 + neighbour[x]! + bias) >> 2;
}

/** Both at once, so that a sample is rounded once. */
function widenBetween(row: Uint8Array, neighbour: Uint8Array, sums: Int32Array, out: Uint8Array): void {
  const last = row.length - 1;
  for (let x = 0; x <= last; x++) sums[x] = row[x]! * 3 + neighbour[x]!;
  for (let x = 0; x <= last; x++) {
    const three = sums[x]! * 3;
    out[2 * x] = (three + sums[x - 1]! + 8) >> 4;
    out[2 * x + 1] = (three + sums[x + 1]! + 7) >> 4;
  }
  out[0] = (sums[0]! * 4 + 8) >> 4;
  out[2 * last + 1] = (sums[last]! * 4 + 7) >> 4;
}
