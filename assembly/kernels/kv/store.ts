import { KV_F16, KV_F32, KV_Q8, PAGE, PANEL, PANEL_BYTES } from '../../abi';
import { scale1, toHalf, toSignedHalf, toSignedHalves4 } from '../../half';
import { largestMagnitude } from '../magnitude';
import { keyPanelBytes, scalesOffset, valuePanelBytes, valuesOffset } from './layout';

/** Bytes from one row of a panel to the next: of 16 halves, and of 16 pairs of i8. */
// @ts-ignore: decorator
@inline
const ROW_BYTES: usize = 32;

function storeF32(keys: usize, values: usize, k: usize, v: usize, position: i32, headSize: i32): void {
  const key = keys + keyPanelBytes(KV_F32, headSize) * (position / PANEL) + ((<usize>(position % PANEL)) << 2);
  const value = values + PANEL_BYTES * position;
  for (let i = 0; i < headSize; i++) {
    store<f32>(key + PANEL_BYTES * i, load<f32>(k + ((<usize>i) << 2)));
  }
  for (let i = 0; i < headSize; i += PANEL) {
    const bytes = (<usize>min(PANEL, headSize - i)) << 2;
    memory.copy(value + valuePanelBytes(KV_F32) * (i / PANEL), v + ((<usize>i) << 2), bytes);
  }
}

/** Address of channel i of the value whose channel 0 is at `value`; f16 and q8. */
// @ts-ignore: decorator
@inline
function channel(format: i32, value: usize, i: i32): usize {
  return value + valuePanelBytes(format) * (i / PANEL) + ((<usize>(i % PANEL)) << 1);
}

function storeF16(keys: usize, values: usize, k: usize, v: usize, position: i32, headSize: i32): void {
  let key = keys + keyPanelBytes(KV_F16, headSize) * (position / PANEL) + ((<usize>(position % PANEL)) << 1);
  const value = values + ROW_BYTES * position;
  let i = 0;
  for (; i + 4 <= headSize; i += 4) {
    const halves = toSignedHalves4(v128.load(k));
    v128.store16_lane(key, halves, 0);
    v128.store16_lane(key, halves, 2, ROW_BYTES);
    v128.store16_lane(key, halves, 4, 2 * ROW_BYTES);
    v128.store16_lane(key, halves, 6, 3 * ROW_BYTES);
    const values4 = toSignedHalves4(v128.load(v));
    v128.store64_lane(channel(KV_F16, value, i), i16x8.narrow_i32x4_u(values4, values4), 0);
    key += 4 * ROW_BYTES;
    k += 16;
    v += 16;
  }
  for (; i < headSize; i++) {
    store<u16>(key, toSignedHalf(load<f32>(k)));
    store<u16>(channel(KV_F16, value, i), toSignedHalf(load<f32>(v)));
    key += ROW_BYTES;
    k += 4;
    v += 4;
  }
}

/** Stores the scale of n f32, their largest magnitude / 127 as f16, and returns it. */
// @ts-ignore: decorator
@inline
function storeScale(at: usize, x: usize, n: i32): f32 {
  store<u16>(at, toHalf(largestMagnitude(x, n) / 127));
  return scale1(at);
}

/** Four numbers as i8 multiples of -127..127 of their scale; 0 for 0 if the scale is 0. */
// @ts-ignore: decorator
@inline
function multiples(x: v128, scale: v128): v128 {
  const nearest4 = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.div(x, scale)));
  const narrow = i16x8.narrow_i32x4_s(nearest4, nearest4);
  return i8x16.max_s(i8x16.narrow_i16x8_s(narrow, narrow), i8x16.splat(-127));
}

function storeQ8(part: usize, values: usize, k: usize, v: usize, position: i32, headSize: i32): void {
  const scales = part + scalesOffset(headSize) + ((<usize>position) << 1);
  const keyScale = f32x4.splat(storeScale(scales, k, headSize));
  const valueScale = f32x4.splat(storeScale(scales + (PAGE << 1), v, headSize));
  let key = part + keyPanelBytes(KV_Q8, headSize) * (position / PANEL) + ((<usize>(position % PANEL)) << 1);
  const value = values + ROW_BYTES * (position >> 1) + (position & 1);
  let i = 0;
  for (; i + 4 <= headSize; i += 4) {
    const keys4 = multiples(v128.load(k), keyScale);
    v128.store16_lane(key, keys4, 0);
    v128.store16_lane(key, keys4, 1, ROW_BYTES);
    const values4 = multiples(v128.load(v), valueScale);
    const at = channel(KV_Q8, value, i);
    v128.store8_lane(at, values4, 0);
    v128.store8_lane(at, values4, 1, 2);
    v128.store8_lane(at, values4, 2, 4);
    v128.store8_lane(at, values4, 3, 6);
    key += 2 * ROW_BYTES;
    k += 16;
    v += 16;
  }
  for (; i < headSize; i++) {
    v128.store8_lane(key + ROW_BYTES * ((i & 3) >> 1) + (i & 1), multiples(v128.load32_splat(k), keyScale), 0);
    v128.store8_lane(channel(KV_Q8, value, i), multiples(v128.load32_splat(v), valueScale), 0);
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
