import { BLOCK, PANEL, PANEL_BYTES } from '../abi';
import { packConv1d, packLinear, panelBytes } from '../kernels/formats';
import { unpackPanel } from '../kernels/formats/unpack_blocks';
import { largestMagnitude } from '../kernels/magnitude';
import { transpose } from '../kernels/transpose';
import { toHalves4 } from '../half';
import { panelCount } from '../layers/rows';
import { barrier, ownScratch, shareEnd, shareStart, threadIndex } from '../threads';
import { PackedWeights, QuantizedMatrix, Training } from './structs';

/*
 * Packed copies of trained matrices. Their numbers are those that loading gives for a file that has them: packing what
 * a block unpacks to gives the same block again. The quantizer alone does not promise that, so blocks are packed
 * until it holds.
 */

/** Offsets in scratch: f32 [BLOCK][PANEL] that are packed, those that they become, their transpose, their block. */
const VALUES: usize = 0;
const UNPACKED: usize = VALUES + <usize>BLOCK * PANEL_BYTES;
const TRANSPOSED: usize = UNPACKED + <usize>BLOCK * PANEL_BYTES;

/** Attempts to pack what a block unpacks to, before its scale is changed instead; and all attempts. */
const REPEATS: i32 = 3;
const ATTEMPTS: i32 = 64;

/** Most steps of a scale below 0 in q4. */
const LOWEST: f32 = 8;

/** Packs `count` rows of a panel, f32 [count][PANEL], into a block, as loading packs a Conv1D or a linear matrix. */
function packBlock(weights: i32, block: usize, src: usize, count: i32, isLinear: bool, scratch: usize): void {
  if (isLinear && count == BLOCK) {
    transpose(scratch, 4 * BLOCK, src, PANEL_BYTES, BLOCK, PANEL);
    packLinear(weights, block, scratch, 0, PANEL, BLOCK);
  } else {
    packConv1d(weights, block, src, 0, count, count, PANEL);
  }
}

/** Whether a column has the same numbers in two [count][PANEL]. */
function isSame(a: usize, b: usize, count: i32): bool {
  for (const end = a + (<usize>count) * PANEL_BYTES; a < end; a += PANEL_BYTES, b += PANEL_BYTES) {
    if (load<f32>(a) != load<f32>(b)) return false;
  }
  return true;
}

function largestOfColumn(column: usize, count: i32): f32 {
  let largest: f32 = 0;
  for (const end = column + (<usize>count) * PANEL_BYTES; column < end; column += PANEL_BYTES) {
    const number = load<f32>(column);
    if (abs(number) > abs(largest)) largest = number;
  }
  return largest;
}

/**
 * Rounds a column to multiples of a scale that puts its largest number at the lowest step of q4, made one unit of half
 * precision larger: a column for which scales were equally good has another one then.
 */
function moveScale(column: usize, count: i32): void {
  const largest = largestOfColumn(column, count);
  const bits = i32x4.extract_lane(toHalves4(f32x4.splat(abs(largest) / LOWEST)), 0) + 1;
  const magnitude = reinterpret<f32>(bits << 13) * reinterpret<f32>(0x77800000); // as `half4`
  const scale = largest < 0 ? magnitude : -magnitude;
  for (const end = column + (<usize>count) * PANEL_BYTES; column < end; column += PANEL_BYTES) {
    const step = max(-LOWEST, min(LOWEST - 1, nearest(load<f32>(column) / scale)));
    store<f32>(column, step * scale);
  }
}

/** Copies a column, or sets it to 0 if `from` is 0. */
function setColumn(to: usize, from: usize, count: i32): void {
  for (let row: usize = 0; row < <usize>count; row++) {
    store<f32>(to + PANEL_BYTES * row, from ? load<f32>(from + PANEL_BYTES * row) : 0);
  }
}

/**
 * Packs `count` rows of a panel into a block whose numbers pack to the same block. The columns of a block are
 * independent of each other.
 */
export function quantizeBlock(
  weights: i32,
  block: usize,
  src: usize,
  count: i32,
  isLinear: bool,
  scratch: usize,
): void {
  const values = scratch + VALUES;
  const unpacked = scratch + UNPACKED;
  packBlock(weights, block, src, count, isLinear, scratch + TRANSPOSED);
  unpackPanel(weights, values, block, 0, BLOCK);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    packBlock(weights, block, values, count, isLinear, scratch + TRANSPOSED);
    unpackPanel(weights, unpacked, block, 0, BLOCK);
    let isExact = true;
    for (let i: usize = 0; i < <usize>PANEL; i++) {
      const column = values + (i << 2);
      if (isSame(column, unpacked + (i << 2), count)) continue;
      isExact = false;
      if (attempt < REPEATS) setColumn(column, unpacked + (i << 2), count);
      else if (attempt < ATTEMPTS - 2) moveScale(column, count);
      else setColumn(column, 0, count);
    }
    if (isExact) return;
  }
}

/** Packs this thread's share of the panels of a matrix; notes if a number is too large for the format, or not finite. */
function quantizeMatrix(packed: PackedWeights, matrix: QuantizedMatrix, scratch: usize): void {
  const K = matrix.K;
  const weights = packed.format;
  const blockBytes = panelBytes(weights, BLOCK);
  const panels = panelCount(matrix.N);
  for (let panel = shareStart(panels); panel < shareEnd(panels); panel++) {
    let src = matrix.weight + (<usize>K) * PANEL_BYTES * panel;
    let block = matrix.copy + panelBytes(weights, K) * panel;
    if (!(largestMagnitude(src, K * PANEL) <= packed.largest)) packed.isUnfit = 1;
    for (let k = 0; k < K; k += BLOCK) {
      quantizeBlock(weights, block, src, min(BLOCK, K - k), <bool>matrix.isLinear, scratch);
      src += PANEL_BYTES * BLOCK;
      block += blockBytes;
    }
  }
}

/** Packs the copies again if the weights have changed. All threads call it. */
export function quantize(pointer: usize): void {
  const training = changetype<Training>(pointer);
  if (!training.packed) return;
  const packed = changetype<PackedWeights>(training.packed);
  if (!packed.isStale) return;
  const scratch = ownScratch(training.scratch, training.scratchBytes);
  barrier();
  if (threadIndex() == 0) {
    packed.isStale = 0;
    packed.isUnfit = 0;
  }
  barrier();
  for (let i = 0; i < packed.count; i++) {
    const matrix = packed.matrices + (<usize>i) * offsetof<QuantizedMatrix>();
    quantizeMatrix(packed, changetype<QuantizedMatrix>(matrix), scratch);
  }
  barrier();
}

/** Whether a number does not fit the format, so that the copies are not those of the weights. */
export function isUnfit(training: Training): bool {
  return training.packed != 0 && changetype<PackedWeights>(training.packed).isUnfit != 0;
}

/** The f32 weights of a packed copy; other addresses unchanged. */
export function masterOf(training: Training, weight: usize): usize {
  if (!training.packed) return weight;
  const packed = changetype<PackedWeights>(training.packed);
  for (let i = 0; i < packed.count; i++) {
    const matrix = changetype<QuantizedMatrix>(packed.matrices + (<usize>i) * offsetof<QuantizedMatrix>());
    if (matrix.copy == weight) return matrix.weight;
  }
  return weight;
}
