import { half4 } from '../half';
import { PANEL, PANEL_BYTES } from '../layout';

/** Stored number formats; src/core/packer.ts holds the same numbers. */
export const F32: i32 = 0;
export const F16: i32 = 1;
export const BF16: i32 = 2;

/** Decodes `count` numbers into f32. */
export function decode(out: usize, src: usize, dtype: i32, count: i32): void {
  if (dtype == F32) {
    memory.copy(out, src, (<usize>count) << 2);
    return;
  }
  const end = out + ((<usize>(count & ~3)) << 2);
  for (; out < end; out += 16) {
    const bits = v128.load16x4_u(src);
    v128.store(out, dtype == F16 ? half4(bits) : i32x4.shl(bits, 16));
    src += 8;
  }
  for (let i = count & ~3; i < count; i++) {
    const bits = i32x4.splat(load<u16>(src));
    store<f32>(out, f32x4.extract_lane(dtype == F16 ? half4(bits) : i32x4.shl(bits, 16), 0));
    out += 4;
    src += 2;
  }
}

/** Rows of `columns` f32 into rows of `out`, `stride` bytes apart. */
export function packRows(out: usize, stride: usize, src: usize, rows: i32, columns: i32): void {
  const bytes = (<usize>columns) << 2;
  for (let row = 0; row < rows; row++) {
    memory.copy(out, src, bytes);
    out += stride;
    src += bytes;
  }
}

/** Rows firstRow.. of a matrix stored [K, N] (Conv1D) into panels. */
export function packConv1d(panels: usize, src: usize, firstRow: i32, rows: i32, K: i32, N: i32): void {
  const panelStride = (<usize>K) * PANEL_BYTES;
  let out = panels + (<usize>firstRow) * PANEL_BYTES;
  for (let row = 0; row < rows; row++) {
    let o = out;
    for (let n = 0; n < N; n += PANEL) {
      const bytes = (<usize>min(PANEL, N - n)) << 2;
      memory.copy(o, src, bytes);
      src += bytes;
      o += panelStride;
    }
    out += PANEL_BYTES;
  }
}

/** Rows firstRow.. of a matrix stored [N, K] (a linear layer, the token embedding) into panels of its transpose. */
export function packLinear(panels: usize, src: usize, firstRow: i32, rows: i32, K: i32): void {
  const panelStride = (<usize>K) * PANEL_BYTES;
  for (let n = firstRow; n < firstRow + rows; n++) {
    let o = panels + (<usize>(n / PANEL)) * panelStride + ((<usize>(n % PANEL)) << 2);
    for (let k = 0; k < K; k++) {
      store<f32>(o, load<f32>(src));
      o += PANEL_BYTES;
      src += 4;
    }
  }
}
