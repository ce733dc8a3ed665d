import { HEAD_BYTES, attentionBackwardScratchBytes, attentionForwardScratchBytes } from '../../../training/abi';
import { attendBackward } from '../../../training/backward/attention';
import { attendForward } from '../../../training/attention';
import { Dropout } from '../../../training/dropout';
import { Head } from '../../../training/head';
import { padded } from '../../../abi';
import { attentionBackward, attentionDropped, threefry } from '../../../reference/backward';
import { weights } from '../../../reference/attention';
import { Loss, differences, dot, expectSlopes } from '../../finite_difference';
import { Rows, expectClose, expectInside, filled, randomArray, seed } from '../../support';

const FIRST: u32 = 1000;
const SITE: u32 = 7;

class AttentionLoss extends Loss {
  constructor(
    readonly q: StaticArray<f32>,
    readonly k: StaticArray<f32>,
    readonly v: StaticArray<f32>,
    readonly T: i32,
    readonly D: i32,
    readonly factors: StaticArray<f64>,
    readonly dout: StaticArray<f32>,
    readonly causal: bool,
  ) {
    super();
  }

  value(): f64 {
    const out = attentionDropped(this.q, this.k, this.v, this.T, this.D, 0.5, this.factors, this.causal);
    return dot(out, this.dout);
  }
}

function dropoutOf(threshold: u32): Dropout {
  const dropout = changetype<Dropout>(heap.alloc(offsetof<Dropout>()));
  dropout.seed = 11;
  dropout.pass = 22;
  dropout.threshold = threshold;
  dropout.scale = <f32>(1 / (1 - <f64>threshold / 4294967296));
  return dropout;
}

/** Factors of the dropout masks of attention weights [T, S], whose rows are `weightStride` numbers apart. */
function factorsOf(dropout: Dropout, T: i32, S: i32, weightStride: i32): StaticArray<f64> {
  const out = new StaticArray<f64>(T * S);
  for (let i = 0; i < out.length; i++) {
    const number = FIRST + (i / S) * weightStride + (i % S);
    const random = <u32>threefry(dropout.seed, dropout.pass, number, SITE);
    out[i] = random >= dropout.threshold ? <f64>dropout.scale : 0;
  }
  return out;
}

/** Columns first.. first + D - 1 of all rows. */
function columns(rows: Rows, first: i32, D: i32): StaticArray<f32> {
  const out = new StaticArray<f32>(rows.rows * D);
  for (let i = 0; i < out.length; i++) out[i] = rows.get(i / D, first + (i % D));
  return out;
}

function expectColumns(rows: Rows, first: i32, D: i32, expected: StaticArray<f64>, offset: i32, bound: f64, what: string): void {
  const mine = Rows.of(columns(rows, first, D), D);
  const wanted = expected.slice<StaticArray<f64>>(offset, offset + rows.rows * D);
  expectClose(mine, wanted, filled(wanted.length, bound), what);
}

/** Compares the second of three heads, T queries over S keys, with the references. */
function check(
  T: i32,
  S: i32,
  causal: bool,
  D: i32,
  threshold: u32,
  scale: f32,
  weightStride: i32 = S,
): void {
  const kind = causal ? ' causal queries of ' : ' queries of ';
  const what = T.toString() + kind + D.toString() + ' over ' + S.toString() + ', dropping ' + threshold.toString();
  const C = 3 * D;
  const dropout = dropoutOf(threshold);
  const factors = factorsOf(dropout, T, S, weightStride);
  const queries = Rows.of(randomArray(T * C), C);
  const pairs = Rows.of(randomArray(S * 2 * C), 2 * C);
  const dout = Rows.of(randomArray(T * C), C);
  const out = new Rows(T, C, dout.stride);
  const sums = new Rows(1, padded(T));
  const scratch = new Rows(1, <i32>(attentionForwardScratchBytes(S, D) >> 2));
  const head = changetype<Head>(heap.alloc(HEAD_BYTES));
  head.q = queries.pointer(0, D);
  head.stride = queries.strideBytes;
  head.k = pairs.pointer(0, D);
  head.v = pairs.pointer(0, C + D);
  head.keyStride = pairs.strideBytes;
  head.out = out.pointer(0, D);
  head.outStride = out.strideBytes;
  head.logSums = sums.pointer();
  head.T = T;
  head.S = S;
  head.causal = causal;
  head.headSize = D;
  head.scale = scale;
  head.dropout = dropout;
  head.firstWeight = FIRST;
  head.weightStride = weightStride;
  head.site = SITE;
  attendForward(head, scratch.pointer());
  expectInside(scratch, scratch.columns, what + ', scratch of forward');
  const q = columns(queries, D, D);
  const k = columns(pairs, D, D);
  const v = columns(pairs, C + D, D);
  expectColumns(out, D, D, attentionDropped(q, k, v, T, D, <f64>scale, factors, causal), 0, 2e-6, what + ', out');
  for (let row = 0; row < T; row++) {
    expect<bool>(isNaN(out.get(row, D - 1)) && isNaN(out.get(row, 2 * D))).toBe(true, what + ': neighbours');
  }
  // `sums` has ln(sum(exp(scores))) of each row, so e^(score - sum) is the weight of a key.
  const p = weights(q, k, T, 0, D, <f64>scale, causal);
  for (let row = 0; row < T; row++) {
    let score: f64 = 0;
    for (let d = 0; d < D; d++) score += <f64>q[row * D + d] * <f64>k[d];
    const weight = Math.exp(score * <f64>scale - <f64>sums.get(0, row));
    expect<f64>(Math.abs(weight - p[row * S])).toBeLessThanOrEqual(2e-6, what + ', sums');
  }

  const dqueries = new Rows(T, C, queries.stride);
  const dpairs = new Rows(S, 2 * C, pairs.stride);
  for (let i = T; i < padded(T); i++) sums.set(0, i, 0);
  const room = new Rows(1, <i32>(attentionBackwardScratchBytes(T, S, D) >> 2));
  attendBackward(
    head,
    dqueries.pointer(0, D),
    dpairs.pointer(0, D),
    dpairs.pointer(0, C + D),
    dout.pointer(0, D),
    room.pointer(),
  );
  expectInside(room, room.columns, what + ', scratch of backward');
  const expected = attentionBackward(columns(dout, D, D), q, k, v, T, D, <f64>scale, factors, causal);
  const bound = 4e-6 * <f64>dropout.scale * Math.sqrt(<f64>D);
  expectColumns(dqueries, D, D, expected, 0, bound, what + ', dq');
  // Without a causal mask, a key's gradient is a sum over all queries.
  const keyBound = causal ? bound : bound * Math.max(1, Math.sqrt(<f64>T / <f64>S));
  expectColumns(dpairs, D, D, expected, T * D, keyBound, what + ', dk');
  expectColumns(dpairs, C + D, D, expected, (T + S) * D, keyBound, what + ', dv');
}

describe('attention in training', () => {
  it('has room for a head in the scratch', () => {
    expect<usize>(offsetof<Head>()).toBeLessThanOrEqual(HEAD_BYTES);
  });

  it('has a reference that finite differences agree with', () => {
    seed(1);
    for (let threshold: u32 = 0; threshold < 2000000000; threshold += 1500000000) {
      for (let S = 6; S < 10; S += 3) {
        const causal = S == 6;
        const factors = factorsOf(dropoutOf(threshold), 6, S, S);
        const k = randomArray(4 * S);
        const v = randomArray(4 * S);
        const loss = new AttentionLoss(randomArray(24), k, v, 6, 4, factors, randomArray(24), causal);
        const all = attentionBackward(loss.dout, loss.q, k, v, 6, 4, 0.5, factors, causal);
        expectSlopes(all, 0, differences(loss, loss.q), 'dq');
        expectSlopes(all, 24, differences(loss, k), 'dk');
        expectSlopes(all, 24 + 4 * S, differences(loss, v), 'dv');
      }
    }
  });

  it('is close to the references, forward and backward', () => {
    seed(2);
    const lengths: i32[] = [1, 2, 5, 16, 23, 48, 49, 97, 150];
    const sizes: i32[] = [1, 4, 12, 16, 20, 64];
    for (let i = 0; i < lengths.length; i++) {
      check(lengths[i], lengths[i], true, sizes[i % sizes.length], 0, 0.25);
      check(lengths[i], lengths[i], true, sizes[(i + 1) % sizes.length], 0, 1);
    }
  });

  it('sees all keys without a causal mask, more or fewer than queries', () => {
    seed(4);
    const lengths: i32[] = [1, 5, 16, 24, 47, 97];
    const counts: i32[] = [1, 3, 16, 48, 65, 150];
    const sizes: i32[] = [1, 4, 12, 16, 20, 64];
    for (let i = 0; i < lengths.length; i++) {
      for (let j = 0; j < counts.length; j++) {
        check(lengths[i], counts[j], false, sizes[(i + j) % sizes.length], 0, 0.5);
      }
    }
  });

  it('drops the same weights forward and backward', () => {
    seed(3);
    check(1, 1, true, 4, 1000000000, 0.25);
    check(23, 23, true, 12, 1000000000, 0.25);
    check(97, 97, true, 20, 400000000, 0.25);
    check(23, 50, false, 12, 1000000000, 0.25);
    check(50, 23, false, 4, 400000000, 0.25);
  });

  it('drops of a document in a longer sequence what it drops of the sequence', () => {
    seed(5);
    check(23, 23, true, 12, 1000000000, 0.25, 64);
    check(50, 50, true, 5, 400000000, 0.25, 51);
  });
});
