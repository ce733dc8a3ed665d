import { PANEL, PANEL_BYTES } from '../../abi';
import { transpose } from '../../kernels/transpose';
import { panelCount, rowBytes } from '../../layers/rows';
import { madd } from '../../simd';
import { barrier, shareEnd, shareStart } from '../../threads';
import { Update } from '../adamw';
import { scratchOf } from '../phases';
import { Training } from '../structs';
import { orthogonalize } from './newton_schulz';
import { Muon, MuonMatrix } from './structs';

/**
 * Decays weights and puts gradients into the first moment, an exponential mean; the gradients become Nesterov's mean of
 * that and themselves. `bytes` bytes of f32, a multiple of 16.
 */
function addMomentum(muon: Muon, update: Update, w: usize, g: usize, moment: usize, bytes: usize): void {
  const gradientScale = f32x4.splat(update.gradientScale);
  const decay = f32x4.splat(update.decayFactor);
  const momentum = f32x4.splat(muon.momentum);
  const oneMinusMomentum = f32x4.splat(muon.oneMinusMomentum);
  for (let i: usize = 0; i < bytes; i += 16) {
    const gradient = f32x4.mul(v128.load(g + i), gradientScale);
    const mean = madd(gradient, oneMinusMomentum, f32x4.mul(v128.load(moment + i), momentum));
    v128.store(g + i, madd(gradient, oneMinusMomentum, f32x4.mul(mean, momentum)));
    v128.store(moment + i, mean);
    v128.store(w + i, f32x4.mul(v128.load(w + i), decay));
  }
}

/** Whether a matrix is taken as it is: [K, columns], else [columns, K]. */
// @ts-ignore: decorator
@inline
function isTall(matrix: MuonMatrix): bool {
  return matrix.K >= matrix.columns;
}

/** x = the numbers of the matrix in panels `from`, or their transpose; this thread's panels. The padding of x is zero. */
function gather(matrix: MuonMatrix, x: usize, from: usize): void {
  const K = matrix.K;
  const first = matrix.firstColumn;
  const end = first + matrix.columns;
  const tall = isTall(matrix);
  const stride = rowBytes(tall ? matrix.columns : K);
  const firstPanel = first / PANEL;
  const panels = panelCount(end) - firstPanel;
  for (let panel = firstPanel + shareStart(panels); panel < firstPanel + shareEnd(panels); panel++) {
    const column = max(panel * PANEL, first);
    const width = min((panel + 1) * PANEL, end) - column;
    const source = from + (<usize>panel) * K * PANEL_BYTES + ((<usize>(column % PANEL)) << 2);
    if (!tall) {
      transpose(x + stride * (column - first), stride, source, PANEL_BYTES, K, width);
      continue;
    }
    const out = x + ((<usize>(column - first)) << 2);
    for (let k = 0; k < K; k++) memory.copy(out + stride * k, source + PANEL_BYTES * k, (<usize>width) << 2);
  }
}

/** weight += factor x the matrix of which x is the numbers, or the transpose; this thread's panels. */
function addTo(matrix: MuonMatrix, x: usize, factor: f32): void {
  const K = matrix.K;
  const first = matrix.firstColumn;
  const end = first + matrix.columns;
  const tall = isTall(matrix);
  const stride = rowBytes(tall ? matrix.columns : K);
  const alongK: usize = tall ? stride : 4;
  const alongColumns: usize = tall ? 4 : stride;
  const firstPanel = first / PANEL;
  const panels = panelCount(end) - firstPanel;
  for (let panel = firstPanel + shareStart(panels); panel < firstPanel + shareEnd(panels); panel++) {
    const column = max(panel * PANEL, first);
    const width = min((panel + 1) * PANEL, end) - column;
    let from = x + alongColumns * (column - first);
    let weight = matrix.weight + (<usize>panel) * K * PANEL_BYTES + ((<usize>(column % PANEL)) << 2);
    for (let k = 0; k < K; k++) {
      for (let i = 0; i < width; i++) {
        const at = weight + ((<usize>i) << 2);
        store<f32>(at, load<f32>(at) + factor * load<f32>(from + alongColumns * i));
      }
      from += alongK;
      weight += PANEL_BYTES;
    }
  }
}

/**
 * One step of Muon (Jordan et al. 2024) on the matrices of training.muon, with the decoupled decay and the scale of Liu
 * et al. 2025; their gradients become 0.
 */
export function updateMuon(training: Training, update: Update): void {
  const muon = changetype<Muon>(training.muon);
  const pieces = <i32>(muon.weightBytes >> 6);
  const own = training.weights + ((<usize>shareStart(pieces)) << 6);
  const bytes = (<usize>(shareEnd(pieces) - shareStart(pieces))) << 6;
  addMomentum(muon, update, own, own + training.toGradient, own + training.toFirstMoment, bytes);
  barrier();
  for (let i = 0; i < muon.count; i++) {
    const matrix = changetype<MuonMatrix>(muon.matrices + (<usize>i) * offsetof<MuonMatrix>());
    const n = max(matrix.K, matrix.columns);
    const m = min(matrix.K, matrix.columns);
    const stride = rowBytes(m);
    memory.fill(muon.iterate + stride * shareStart(n), 0, stride * (shareEnd(n) - shareStart(n)));
    barrier();
    gather(matrix, muon.iterate, matrix.weight + training.toGradient);
    barrier();
    const x = orthogonalize(muon, n, m, scratchOf(training));
    addTo(matrix, x, -update.learningRate * matrix.scale);
    barrier();
  }
  memory.fill(own + training.toGradient, 0, bytes);
}
