import { PANEL, PANEL_BYTES } from '../layout';
import { Adapter } from '../model';
import { barrier, chunkOf, shareEnd, shareStart, takeChunk } from '../threads';
import { TRANSPOSED_STRIDE, matmulForward, matmulInput, matmulWeight, transposeInput, weightStretch } from './matmul';
import { linearWeight, panelCount, rowBytes, rowsOf, scratchOf } from './phases';
import { Training } from './training';

/*
 * Phases of an adapter: out += low . b with low = scale x . a, and the way back. What has few columns is split by rows,
 * or by rows of a, so that every thread has a part; no sum is cut.
 */

/** x *= factor, `bytes` bytes of f32, a multiple of 16. */
function multiply(x: usize, bytes: usize, factor: f32): void {
  const factor4 = f32x4.splat(factor);
  for (const end = x + bytes; x < end; x += 16) v128.store(x, f32x4.mul(v128.load(x), factor4));
}

/** low[R, rank] = scale x[R, K] . a of this thread's rows; no barrier. */
function lower(training: Training, adapter: Adapter, x: usize, K: i32): void {
  const rank = adapter.rank;
  const stride = rowBytes(rank);
  const first = shareStart(rowsOf(training));
  const rows = shareEnd(rowsOf(training)) - first;
  const low = adapter.low + stride * first;
  matmulForward(low, stride, x + rowBytes(K) * first, rowBytes(K), rows, adapter.a, 0, K, 0, panelCount(rank));
  multiply(low, stride * rows, training.adapterScale);
}

/** out[R, N] += the change of an adapter, or nothing where that is 0. */
export function addAdapter(training: Training, pointer: usize, out: usize, x: usize, K: i32, N: i32): void {
  if (!pointer) return;
  const adapter = changetype<Adapter>(pointer);
  const rank = adapter.rank;
  const rows = rowsOf(training);
  lower(training, adapter, x, K);
  barrier();
  const panels = panelCount(N);
  const chunk = chunkOf(panels);
  for (let first = takeChunk(chunk); first < panels; first = takeChunk(chunk)) {
    const end = min(first + chunk, panels);
    matmulForward(out, rowBytes(N), adapter.low, rowBytes(rank), rows, adapter.b, 0, rank, first, end, true);
  }
  barrier();
}

/** From dy[R, N]: the gradients of a and b are added to, and training.dlow[R, rank] = scale dy . transpose of b. */
export function adapterBackward(training: Training, adapter: Adapter, x: usize, dy: usize, K: i32, N: i32): void {
  const rank = adapter.rank;
  const rows = rowsOf(training);
  const stride = rowBytes(rank);
  const first = shareStart(rows);
  const count = shareEnd(rows) - first;
  const dlow = training.dlow + stride * first;
  const from = dy + rowBytes(N) * first;
  const scratch = scratchOf(training);
  lower(training, adapter, x, K);
  matmulInput(dlow, stride, from, rowBytes(N), count, adapter.b, rank, N, 0, panelCount(rank), scratch);
  multiply(dlow, stride * count, training.adapterScale);
  barrier();
  linearWeight(training, adapter.low, dy, rowBytes(N), rows, adapter.b, 0, rank, N);
  downWeight(training, adapter, x, K);
}

/** Adds to the gradient of a, from training.dlow; each thread has rows of a, and of x's transpose what they need. */
function downWeight(training: Training, adapter: Adapter, x: usize, K: i32): void {
  const rank = adapter.rank;
  const rows = rowsOf(training);
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
        adapter.a + training.toGradient + ((<usize>panel) * K + first) * PANEL_BYTES,
        0,
        transposed,
        training.dlow + stride * row + (<usize>panel) * PANEL_BYTES,
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
