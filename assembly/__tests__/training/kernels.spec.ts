import { SQUARES_CHUNK } from '../../training/abi';
import { Update, adamw, sumSquares } from '../../training/adamw';
import { crossEntropy } from '../../training/cross_entropy';
import { Dropout, dropElements, random4 } from '../../training/dropout';
import { embedBackward } from '../../training/backward/embedding';
import { transpose as transposed } from '../../kernels/transpose';
import { unpackConv1d, unpackLinear, unpackRows } from '../../kernels/formats/f32/unpack';
import { crossEntropyBackward, threefry, crossEntropy as reference } from '../../reference/backward';
import { panels, transpose } from '../../reference/pack';
import { Loss, differences, expectSlopes } from '../finite_difference';
import {
  Rows,
  expectClose,
  expectInside,
  expectSameBits,
  filled,
  randomArray,
  randomBelow,
  randomBits,
  seed,
} from '../support';

class CrossEntropyLoss extends Loss {
  constructor(
    readonly logits: StaticArray<f32>,
    readonly target: i32,
  ) {
    super();
  }

  value(): f64 {
    return reference(this.logits, this.target);
  }
}

function vector(values: StaticArray<f64>): Rows {
  const out = new StaticArray<f32>(values.length);
  for (let i = 0; i < out.length; i++) out[i] = <f32>values[i];
  return Rows.vector(out);
}

describe('cross-entropy', () => {
  it('has a reference that finite differences agree with', () => {
    seed(1);
    const loss = new CrossEntropyLoss(randomArray(9, 3), 4);
    expectSlopes(crossEntropyBackward(loss.logits, 4), 0, differences(loss, loss.logits), 'dlogits');
  });

  it('is close to the reference for every size', () => {
    seed(2);
    const sizes: i32[] = [1, 2, 3, 4, 17, 101, 5003];
    for (let i = 0; i < sizes.length; i++) {
      for (let magnitude: f32 = 0.1; magnitude < 50; magnitude *= 10) {
        const V = sizes[i];
        const logits = randomArray(V, magnitude);
        const target = randomBelow(V);
        const row = Rows.vector(logits);
        const loss = crossEntropy(row.pointer(), V, target, 0.25);
        const what = V.toString() + ' logits up to ' + magnitude.toString();
        const expected = crossEntropyBackward(logits, target);
        for (let j = 0; j < V; j++) expected[j] *= 0.25;
        expectClose(row, expected, filled(V, 1e-6), what);
        expectInside(row, V, what);
        expect<f64>(Math.abs(loss - reference(logits, target))).toBeLessThanOrEqual(1e-5, what + ', loss');
      }
    }
  });

  it('counts nothing where there is no target', () => {
    const row = Rows.vector(randomArray(37));
    expect<f64>(crossEntropy(row.pointer(), 37, -1, 1)).toBe(0);
    expectSameBits(row, Rows.vector(new StaticArray<f32>(37)), 'gradient');
  });
});

describe('embedding backward', () => {
  it('adds the rows of equal tokens and of equal positions in order, whole and in parts', () => {
    seed(3);
    const tokens: StaticArray<i32> = [4, 18, 4, 4, 0, 18];
    // A document of 2 tokens after one of 1 in the first sequence, 3 of 1 in the second.
    const starts: StaticArray<i32> = [0, 1, 1, 0, 1, 2];
    const channels: i32[] = [1, 5, 16, 36];
    for (let i = 0; i < 2 * channels.length; i++) {
      const C = channels[i / 2];
      const cut = i % 2 == 1;
      const dx = randomArray(6 * C);
      const inputs = Rows.of(dx, C);
      // A vocabulary of 19 and sequences of 3 tokens.
      const wte = new StaticArray<f32>(19 * C);
      const wpe = new StaticArray<f32>(3 * C);
      for (let row = 0; row < 6; row++) {
        for (let c = 0; c < C; c++) {
          wte[tokens[row] * C + c] += dx[row * C + c];
          wpe[((row % 3) - (cut ? starts[row] : 0)) * C + c] += dx[row * C + c];
        }
      }
      const dwte = new StaticArray<f32>(32 * C);
      const dwpe = Rows.of(new StaticArray<f32>(3 * C), C, inputs.stride);
      for (let part = 0; part < 2; part++) {
        embedBackward(
          changetype<usize>(dwte),
          dwpe.pointer(),
          inputs.pointer(),
          inputs.strideBytes,
          changetype<usize>(tokens),
          6,
          3,
          cut ? changetype<usize>(starts) : 0,
          C,
          (C * part) / 2,
          (C * (part + 1)) / 2,
        );
      }
      const what = C.toString() + (cut ? ' channels of documents' : ' channels');
      expectSameBits(Rows.vector(dwte), Rows.vector(panels(transpose(wte, 19, C), C, 19)), what + ', dwte');
      expectSameBits(dwpe, Rows.of(wpe, C, dwpe.stride), what + ', dwpe');
      expectInside(dwpe, C, what);
    }
  });
});

describe('dropout', () => {
  it('draws the words of Threefry, whose known answers the reference gives', () => {
    // Test vectors of Random123.
    expect<u64>(threefry(0, 0, 0, 0)).toBe(0x99ba4efe6b200159);
    expect<u64>(threefry(u32.MAX_VALUE, u32.MAX_VALUE, u32.MAX_VALUE, u32.MAX_VALUE)).toBe(0xbb002be71cb996fc);
    expect<u64>(threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3)).toBe(0x483df7a0c4923a9c);
    seed(4);
    const dropout = changetype<Dropout>(heap.alloc(offsetof<Dropout>()));
    for (let i = 0; i < 20; i++) {
      dropout.seed = randomBits();
      dropout.pass = randomBits();
      const counter = randomBits();
      const site = randomBits();
      const drawn = random4(dropout, i32x4.add(i32x4.splat(counter), i32x4(0, 1, 2, 3)), site);
      expect<u32>(i32x4.extract_lane(drawn, 0)).toBe(<u32>threefry(dropout.seed, dropout.pass, counter, site));
      expect<u32>(i32x4.extract_lane(drawn, 3)).toBe(<u32>threefry(dropout.seed, dropout.pass, counter + 3, site));
    }
  });

  it('drops the share it is asked for, scales the rest, and does not depend on where a range begins', () => {
    const dropout = changetype<Dropout>(heap.alloc(offsetof<Dropout>()));
    dropout.seed = 5;
    dropout.pass = 6;
    dropout.threshold = 1 << 30;
    dropout.scale = <f32>(4.0 / 3);
    const n = 16000;
    const x = Rows.vector(new StaticArray<f32>(n).fill(3));
    const out = new Rows(1, n);
    dropElements(dropout, out.pointer(), x.pointer(), n << 2, 0, 9);
    let dropped = 0;
    let scaled = 0;
    for (let i = 0; i < n; i++) {
      const value = out.get(0, i);
      if (value == 0) dropped++;
      else if (value == 4) scaled++;
    }
    expect<i32>(dropped + scaled).toBe(n);
    // Five standard deviations of a binomial distribution.
    expect<f64>(Math.abs(<f64>dropped - 4000)).toBeLessThan(5 * Math.sqrt(<f64>n * 0.25 * 0.75));
    dropElements(dropout, x.pointer(0, 160), x.pointer(0, 160), (n - 160) << 2, 160, 9);
    dropElements(dropout, x.pointer(), x.pointer(), 160 << 2, 0, 9);
    expectSameBits(x, out, 'in two ranges, in place');
  });
});

describe('AdamW', () => {
  it('is the formula, step by step, with decay and without', () => {
    seed(6);
    const n = 48;
    for (let decay = 0; decay < 2; decay++) {
      const weights = randomArray(n);
      const w = Rows.vector(weights);
      const m = Rows.vector(new StaticArray<f32>(n));
      const v = Rows.vector(new StaticArray<f32>(n));
      const w64 = new StaticArray<f64>(n);
      const m64 = new StaticArray<f64>(n);
      const v64 = new StaticArray<f64>(n);
      for (let i = 0; i < n; i++) w64[i] = <f64>weights[i];
      const update = changetype<Update>(heap.alloc(offsetof<Update>()));
      const rate = 0.01;
      for (let step = 1; step <= 4; step++) {
        const gradients = randomArray(n);
        gradients[5] = 0;
        const g = Rows.vector(gradients);
        const correction1 = 1 - Math.pow(0.9, <f64>step);
        const correction2 = 1 - Math.pow(0.999, <f64>step);
        update.gradientScale = 0.5;
        update.beta1 = 0.9;
        update.beta2 = 0.999;
        update.oneMinusBeta1 = 0.1;
        update.oneMinusBeta2 = 0.001;
        update.stepSize = <f32>(rate / correction1);
        update.inverseCorrection = <f32>(1 / Math.sqrt(correction2));
        update.epsilon = 1e-8;
        update.decayFactor = <f32>(1 - rate * 0.1);
        adamw(update, w.pointer(), g.pointer(), m.pointer(), v.pointer(), n << 2, decay == 1);
        for (let i = 0; i < n; i++) {
          const gradient = <f64>gradients[i] * 0.5;
          m64[i] = 0.9 * m64[i] + 0.1 * gradient;
          v64[i] = 0.999 * v64[i] + 0.001 * gradient * gradient;
          if (decay) w64[i] -= rate * 0.1 * w64[i];
          w64[i] -= (rate * (m64[i] / correction1)) / (Math.sqrt(v64[i] / correction2) + 1e-8);
        }
        expectSameBits(g, Rows.vector(new StaticArray<f32>(n)), 'gradients afterwards');
      }
      expectClose(w, w64, filled(n, 1e-6), 'weights');
      expectClose(m, m64, filled(n, 1e-6), 'first moments');
      expectClose(v, v64, filled(n, 1e-6), 'second moments');
      expectInside(w, n, 'weights');
    }
  });

  it('keeps at zero what never has a gradient', () => {
    const zeros = vector(filled(16, 0));
    const moments = vector(filled(16, 0));
    const update = changetype<Update>(heap.alloc(offsetof<Update>()));
    memory.fill(changetype<usize>(update), 0, offsetof<Update>());
    update.epsilon = 1e-8;
    update.stepSize = 1;
    update.inverseCorrection = 1;
    update.decayFactor = 0.9;
    adamw(update, zeros.pointer(), vector(filled(16, 0)).pointer(), moments.pointer(), moments.pointer(), 64, true);
    expectClose(zeros, filled(16, 0), filled(16, 0), 'weights');
  });
});

describe('sum of squares', () => {
  it('is the sum of its chunks', () => {
    seed(7);
    const n = 2 * SQUARES_CHUNK + 100;
    const x = Rows.vector(randomArray(n));
    const partials = new StaticArray<f64>(3);
    sumSquares(changetype<usize>(partials), x.pointer(), n, 1, 3);
    expect<f64>(partials[0]).toBe(0, 'not this part');
    sumSquares(changetype<usize>(partials), x.pointer(), n, 0, 1);
    let sum: f64 = 0;
    for (let i = 0; i < n; i++) sum += <f64>x.get(0, i) * <f64>x.get(0, i);
    const total = partials[0] + partials[1] + partials[2];
    expect<f64>(Math.abs(total - sum)).toBeLessThanOrEqual(1e-9 * sum);
  });
});

describe('transposing and unpacking', () => {
  it('transposes every size', () => {
    seed(8);
    for (let rows = 1; rows <= 37; rows += 3) {
      for (let columns = 1; columns <= 21; columns += 4) {
        const x = randomArray(rows * columns);
        const out = new Rows(columns, rows);
        const from = Rows.of(x, columns);
        transposed(out.pointer(), out.strideBytes, from.pointer(), from.strideBytes, rows, columns);
        const what = rows.toString() + ' x ' + columns.toString();
        expectSameBits(out, Rows.of(transpose(x, rows, columns), rows), what);
        expectInside(out, rows, what);
      }
    }
  });

  it('gives back what was packed', () => {
    seed(9);
    const w = randomArray(5 * 37);
    const packed = changetype<usize>(panels(w, 5, 37, NaN));
    const out = new Rows(1, 3 * 37);
    unpackConv1d(out.pointer(), packed, 1, 3, 5, 37);
    expectSameBits(out, Rows.vector(w.slice<StaticArray<f32>>(37, 4 * 37)), 'conv1d');
    expectInside(out, 3 * 37, 'conv1d');

    const turned = transpose(w, 5, 37);
    const linear = new Rows(1, 20 * 5);
    unpackLinear(linear.pointer(), packed, 15, 20, 5);
    expectSameBits(linear, Rows.vector(turned.slice<StaticArray<f32>>(15 * 5, 35 * 5)), 'linear');
    expectInside(linear, 20 * 5, 'linear');

    const padded = Rows.of(w, 37);
    const rows = new Rows(1, w.length);
    unpackRows(rows.pointer(), padded.pointer(), padded.strideBytes, 5, 37);
    expectSameBits(rows, Rows.vector(w), 'rows');
    expectInside(rows, w.length, 'rows');
  });
});
