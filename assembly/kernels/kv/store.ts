import { KV_F16, KV_F32, KV_Q8, PAGE, PANEL, PANEL_BYTES } from '../../abi';
import { scale1, storeHalf, storeHalves4, toHalves4 } from '../../half';
import { largestMagnitude } from '../magnitude';
import {
  columnFlip,
  columnOffset,
  keyPanelBytes,
  scalesOffset,
  valuePanelBytes,
  valuesOffset,
} from './layout';

/** Bytes of a row of a panel in f16, and of two rows in q8. */
// @ts-ignore: decorator
@inline
const ROW_BYTES: usize = 32;

function storeF32(keys: usize, values: usize, k: usize, v: usize, position: i32, headSize: i32): void {
  const panel = keys + keyPanelBytes(KV_F32, headSize) * (position / PANEL);
  const key = panel + ((<usize>(position % PANEL)) << 2);
  const value = values + PANEL_BYTES * position;
  for (let i = 0; i < headSize; i++) {
    store<f32>(key + PANEL_BYTES * i, load<f32>(k + ((<usize>i) << 2)));
  }
  for (let i = 0; i < headSize; i += PANEL) {
    const bytes = (<usize>min(PANEL, headSize - i)) << 2;
    memory.copy(value + valuePanelBytes(KV_F32) * (i / PANEL), v + ((<usize>i) << 2), bytes);
  }
}

/** Address of channel i of the f16 value whose channel 0 is at `value`. */
// @ts-ignore: decorator
@inline
function channel(value: usize, i: i32): usize {
  return value + valuePanelBytes(KV_F16) * (i / PANEL) + ((<usize>(i % PANEL)) << 1);
}

function storeF16(keys: usize, values: usize, k: usize, v: usize, position: i32, headSize: i32): void {
  let key = keys + keyPanelBytes(KV_F16, headSize) * (position / PANEL) + ((<usize>(position % PANEL)) << 1);
  const value = values + ROW_BYTES * position;
  let i = 0;
  for (; i + 4 <= headSize; i += 4) {
    const halves = toHalves4(v128.load(k));
    v128.store16_lane(key, halves, 0);
    v128.store16_lane(key, halves, 2, ROW_BYTES);
    v128.store16_lane(key, halves, 4, 2 * ROW_BYTES);
    v128.store16_lane(key, halves, 6, 3 * ROW_BYTES);
    storeHalves4(channel(value, i), v128.load(v));
    key += 4 * ROW_BYTES;
    k += 16;
    v += 16;
  }
  for (; i < headSize; i++) {
    storeHalf(key, v128.load32_splat(k));
    storeHalf(channel(value, i), v128.load32_splat(v));
    key += ROW_BYTES;
    k += 4;
    v += 4;
  }
}

/** Stores the scale of n f32, their largest magnitude / 127 as f16, and returns it. */
// @ts-ignore: decorator
@inline
function storeScale(at: usize, x: usize, n: i32): f32 {
  storeHalf(at, f32x4.splat(largestMagnitude(x, n) / 127));
  return scale1(at);
}

/** Four numbers as multiples of -127..127 of their scale, in the low bytes of the lanes; 0 / 0 gives 0. */
// @ts-ignore: decorator
@inline
function multiples(x: v128, scale: v128, flip: i32): v128 {
  const clamped = f32x4.pmin(f32x4.pmax(f32x4.div(x, scale), f32x4.splat(-127)), f32x4.splat(127));
  return v128.xor(i32x4.trunc_sat_f32x4_s(f32x4.nearest(clamped)), i32x4.splat(flip));
}

function storeQ8(part: usize, values: usize, k: usize, v: usize, position: i32, headSize: i32): void {
  const scales = part + scalesOffset(headSize) + ((<usize>position) << 1);
  const keyScale = f32x4.splat(storeScale(scales, k, headSize));
  const valueScale = f32x4.splat(storeScale(scales + (PAGE << 1), v, headSize));
  const keyFlip = columnFlip(position);
  let key = part + keyPanelBytes(KV_Q8, headSize) * (position / PANEL) + columnOffset(position);
  const value = values + ROW_BYTES * (position >> 1) + ((position & 1) << 1);
  let i = 0;
  for (; i + 4 <= headSize; i += 4) {
    const keys4 = multiples(v128.load(k), keyScale, keyFlip);
    v128.store8_lane(key, keys4, 0);
    v128.store8_lane(key, keys4, 4, 2);
    v128.store8_lane(key, keys4, 8, ROW_BYTES);
    v128.store8_lane(key, keys4, 12, ROW_BYTES + 2);
    const values4 = multiples(v128.load(v), valueScale, columnFlip(i));
    const at = value + valuePanelBytes(KV_Q8) * (i / PANEL) + columnOffset(i);
    v128.store8_lane(at, values4, 0);
    v128.store8_lane(at, values4, 4, 4);
    v128.store8_lane(at, values4, 8, 8);
    v128.store8_lane(at, values4, 12, 12);
    key += 2 * ROW_BYTES;
    k += 16;
    v += 16;
  }
  for (; i < headSize; i++) {
    const at = value + valuePanelBytes(KV_Q8) * (i / PANEL) + columnOffset(i);
    v128.store8_lane(key, multiples(v128.load32_splat(k), keyScale, keyFlip), 0);
    v128.store8_lane(at, multiples(v128.load32_splat(v), valueScale, columnFlip(i)), 0);
    key += i & 1 ? ROW_BYTES - 2 : 2;
    k += 4;
    v += 4;
  }
}

/**
 * Writes keys and values of positions offset.. offset + rows - 1 (at most PAGE) into one head's part of a
 * page: see layout.ts. `k` and `v` are f32 [rows, headSize], rows `rowStride` bytes apart.
 *
 * f16 is the nearest half, 65504 for larger magnitudes. q8 is the nearest multiple of a position's scale, of
 * magnitudes up to 127 x 65504.
 */
export function storeKeyValue(
  format: i32,
  part: usize,
  k: usize,
  v: usize,
  rowStride: usize,
  rows: i32,
  offset: i32,
  headSize: i32,
): void {
  const values = part + valuesOffset(format, headSize);
  for (let position = offset; position < offset + rows; position++) {
    if (format == KV_Q8) storeQ8(part, values, k, v, position, headSize);
    else if (format == KV_F16) storeF16(part, values, k, v, position, headSize);
    else storeF32(part, values, k, v, position, headSize);
    k += rowStride;
    v += rowStride;
  }
}
