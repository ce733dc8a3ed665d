import { PANEL, PANEL_BYTES } from '../abi';
import { Adapter, Matrix } from '../models/structs';
import { barrier, chunkOf, shareEnd, shareStart, takeChunk } from '../threads';
import { TRANSPOSED_STRIDE, matmulForward, matmulInput, matmulWeight, transposeInput, weightStretch } from './matmul';
import { panelCount, rowBytes } from '../layers/rows';
import { linearInput, linearWeight, scratchOf } from './phases';
import { Training } from './structs';

/*
 * Phases of an adapter: out += xa . b with xa = scale x . a, and the gradients. Rows of out and its gradient are
 * `outStride` bytes apart, since the adapter may be that of some columns of a matrix. Matrices of few columns are
 * split by rows, so that every thread has a part; no sum is cut.
 */

/** x *= factor, `bytes` bytes of f32, a multiple of 16. */
function multiply(x: usize, bytes: usize, factor: f32): void {
  const factor4 = f32x4.splat(factor);
  for (const end = x + bytes; x < end; x += 16) v128.store(x, f32x4.mul(v128.load(x), factor4));
}

/** xa[all, rank] = scale x[all, K] . a of this thread's rows; no barrier. */
function multiplyA(training: Training, adapter: Adapter, x: usize, all: i32): void {
  const a = adapter.a;
  const stride = rowBytes(a.N);
  const first = shareStart(all);
  const rows = shareEnd(all) - first;
  const xa = adapter.xa + stride * first;
  const from = x + rowBytes(a.K) * first;
  matmulForward(xa, stride, from, rowBytes(a.K), rows, a, 0, panelCount(a.N));
  multiply(xa, stride * rows, training.adapterScale);
}

/** Adds the adapter's contribution to out[rows, N]; does nothing if `pointer` is 0. */
export function addAdapter(
  training: Training,
  pointer: usize,
  out: usize,
  outStride: usize,
  x: usize,
  rows: i32,
): void {
  if (!pointer) return;
  const adapter = changetype<Adapter>(pointer);
  const b = adapter.b;
  const xaStride = rowBytes(b.K);
  multiplyA(training, adapter, x, rows);
  barrier();
  const panels = panelCount(b.N);
  const chunk = chunkOf(panels);
  for (let first = takeChunk(chunk); first < panels; first = takeChunk(chunk)) {
    const end = min(first + chunk, panels);
    matmulForward(out, outStride, adapter.xa, xaStride, rows, b, first, end, true);
  }
  barrier();
}

/**
 * From dy[rows, N]: adds to the gradients of a and b, and sets training.dxa[rows, rank] = scale dy . transpose of
 * b.
 */
export function adapterBackward(
  training: Training,
  adapter: Adapter,
  x: usize,
  dy: usize,
  dyStride: usize,
  rows: i32,
): void {
  const b = adapter.b;
  const rank = b.K;
  const stride = rowBytes(rank);
  const first = shareStart(rows);
  const count = shareEnd(rows) - first;
  const dxa = training.dxa + stride * first;
  const from = dy + dyStride * first;
  multiplyA(training, adapter, x, rows);
  matmulInput(dxa, stride, from, dyStride, count, b, 0, panelCount(rank), scratchOf(training));
  multiply(dxa, stride * count, training.adapterScale);
  barrier();
  linearWeight(training, adapter.xa, dy, dyStride, rows, b);
  gradientOfA(training, adapter.a, x, rows);
}

/** dx[rows, K] += the part of the gradient that comes by way of the adapter, whose training.dxa is complete. */
export function adapterInput(training: Training, adapter: Adapter, dx: usize, rows: i32): void {
  linearInput(training, dx, training.dxa, rowBytes(adapter.a.N), rows, adapter.a, true);
}

/**
 * Adds to the gradient of a, from training.dxa. Each thread computes some rows of it and transposes their
 * part of x.
 */
function gradientOfA(training: Training, a: Matrix, x: usize, rows: i32): void {
  const K = a.K;
  const rank = a.N;
  const inStride = rowBytes(K);
  const stride = rowBytes(rank);
  const first = shareStart(panelCount(K)) * PANEL;
  const count = min(shareEnd(panelCount(K)) * PANEL, K) - first;
  const transposed = training.transposed + TRANSPOSED_STRIDE * first;
  const longest = weightStretch(rows);
  for (let row = 0; row < rows; row += longest) {
    const height = min(longest, rows - row);
    transposeInput(training.transposed, x + inStride * row, inStride, height, first, first + count);
    for (let panel = 0; panel < panelCount(rank); panel++) {
      matmulWeight(
        a.weight + training.toGradient + ((<usize>panel) * K + first) * PANEL_BYTES,
        0,
        transposed,
        training.dxa + stride * row + (<usize>panel) * PANEL_BYTES,
        stride,
        height,
        count,
        min(PANEL, rank - panel * PANEL),
        0,
        1,
        scratchOf(training),
      );
    }
  }
  barrier();
}
