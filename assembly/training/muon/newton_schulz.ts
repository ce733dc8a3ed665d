import { PANEL } from '../../abi';
import { panelCount, rowBytes } from '../../layers/rows';
import { madd } from '../../simd';
import { barrier, chunkOf, shareEnd, shareStart, takeChunk } from '../../threads';
import { SQUARES_CHUNK } from '../abi';
import { sumSquares } from '../adamw';
import { TRANSPOSED_STRIDE, transposeInput, weightStretch } from '../matmul';
import { mirrorBand, product } from './product';
import { Muon } from './structs';

/*
 * The Newton-Schulz iteration of Muon (Jordan et al. 2024): X becomes X (a I + b X^T X + c (X^T X)^2), five times. It
 * brings the singular values of X, which begin in [0, 1], near 1. Symmetric products are computed from the diagonal
 * down. Each phase ends at a barrier; all sums run in the order of one thread.
 */

const ITERATIONS: i32 = 5;
const LINEAR: f32 = 3.4445;
const CUBIC: f32 = -4.775;
const QUINTIC: f32 = 2.0315;

/** Least norm that X is divided by, as in PyTorch's Muon: smaller matrices are rounding errors. */
const LEAST_NORM: f64 = 1e-7;

/**
 * Orthogonalizes muon.iterate [n, m], n at least m, whose padding is zero, and returns the address of the result.
 * `scratch`: PANELS_BYTES of this thread.
 */
export function orthogonalize(muon: Muon, n: i32, m: i32, scratch: usize): usize {
  let x = muon.iterate;
  let next = muon.next;
  normalize(muon, n, m);
  for (let i = 0; i < ITERATIONS; i++) {
    findGram(muon, x, n, m, scratch);
    findPolynomial(muon, m, scratch);
    multiply(next, x, muon.polynomial, n, m, scratch);
    const last = x;
    x = next;
    next = last;
  }
  return x;
}

/** Divides X by its Frobenius norm, which no singular value exceeds. */
function normalize(muon: Muon, n: i32, m: i32): void {
  const x = muon.iterate;
  const stride = rowBytes(m);
  const count = (stride * n) >> 2;
  const chunks = <i32>((count + SQUARES_CHUNK - 1) / SQUARES_CHUNK);
  sumSquares(muon.partials, x, count, shareStart(chunks), shareEnd(chunks));
  barrier();
  let sum: f64 = 0;
  for (let chunk = 0; chunk < chunks; chunk++) sum += load<f64>(muon.partials + ((<usize>chunk) << 3));
  const factor = f32x4.splat(<f32>(1 / max(sqrt(sum), LEAST_NORM)));
  const end = x + stride * shareEnd(n);
  for (let at = x + stride * shareStart(n); at < end; at += 16) {
    v128.store(at, f32x4.mul(v128.load(at), factor));
  }
  barrier();
}

/** muon.gram = X^T X. */
function findGram(muon: Muon, x: usize, n: i32, m: i32, scratch: usize): void {
  const gram = muon.gram;
  const stride = rowBytes(m);
  const panels = panelCount(m);
  const chunk = chunkOf(panels);
  const longest = weightStretch(n);
  for (let row = 0; row < n; row += longest) {
    const height = min(longest, n - row);
    const part = x + stride * row;
    const end = min(shareEnd(panels) * PANEL, m);
    transposeInput(muon.transposed, part, stride, height, shareStart(panels) * PANEL, end);
    barrier();
    for (let first = takeChunk(chunk); first < panels; first = takeChunk(chunk)) {
      product(
        gram,
        stride,
        muon.transposed,
        TRANSPOSED_STRIDE,
        m,
        part,
        stride,
        height,
        m,
        first,
        min(first + chunk, panels),
        row > 0,
        true,
        scratch,
      );
    }
    barrier();
  }
  for (let band = takeChunk(1); band < panels; band = takeChunk(1)) mirrorBand(gram, stride, m, band);
  barrier();
}

/** muon.polynomial = a I + b gram + c gram^2. */
function findPolynomial(muon: Muon, m: i32, scratch: usize): void {
  const gram = muon.gram;
  const out = muon.polynomial;
  const stride = rowBytes(m);
  const panels = panelCount(m);
  const chunk = chunkOf(panels);
  for (let first = takeChunk(chunk); first < panels; first = takeChunk(chunk)) {
    const end = min(first + chunk, panels);
    product(out, stride, gram, stride, m, gram, stride, m, m, first, end, false, true, scratch);
  }
  barrier();
  const cubic = f32x4.splat(CUBIC);
  const quintic = f32x4.splat(QUINTIC);
  for (let band = takeChunk(1); band < panels; band = takeChunk(1)) {
    const bytes = rowBytes((band + 1) * PANEL);
    for (let row = band * PANEL, end = min((band + 1) * PANEL, m); row < end; row++) {
      const at = stride * row;
      for (let i = at; i < at + bytes; i += 16) {
        v128.store(out + i, madd(quintic, v128.load(out + i), f32x4.mul(cubic, v128.load(gram + i))));
      }
      const diagonal = out + at + ((<usize>row) << 2);
      store<f32>(diagonal, load<f32>(diagonal) + LINEAR);
    }
    mirrorBand(out, stride, m, band);
  }
  barrier();
}

/** out[n, m] = x[n, m] . w[m, m]. */
function multiply(out: usize, x: usize, w: usize, n: i32, m: i32, scratch: usize): void {
  const stride = rowBytes(m);
  const panels = panelCount(m);
  const chunk = chunkOf(panels);
  for (let first = takeChunk(chunk); first < panels; first = takeChunk(chunk)) {
    const end = min(first + chunk, panels);
    product(out, stride, x, stride, n, w, stride, m, m, first, end, false, false, scratch);
  }
  barrier();
}
