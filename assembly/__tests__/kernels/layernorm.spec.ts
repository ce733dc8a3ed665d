import { layernorm } from '../../kernels/layernorm';
import { layernorm as naive } from '../../reference/layernorm';
import { Rows, expectClose, expectInside, expectSameBits, filled, randomArray, seed } from '../support';

const CHANNELS: i32[] = [1, 2, 3, 5, 12, 16, 36, 101, 768];

/** One f32 rounding, relative. */
const ULP: f64 = 1.0 / 16777216;

function normalize(out: Rows, x: Rows, weight: Rows, bias: Rows, epsilon: f32): void {
  layernorm(
    out.pointer(),
    out.strideBytes,
    x.pointer(),
    x.strideBytes,
    x.rows,
    weight.pointer(),
    bias.pointer(),
    x.columns,
    epsilon,
  );
}

/**
 * Numbers of spread 1 around `center`; rounding them moves the result by the rounding error of the center.
 */
function check(rows: i32, C: i32, center: f32, epsilon: f32): void {
  const x = randomArray(rows * C);
  for (let i = 0; i < x.length; i++) x[i] += center;
  const weight = randomArray(C, 2);
  const bias = randomArray(C, 2);
  const out = new Rows(rows, C);
  normalize(out, Rows.of(x, C, C + 3), Rows.vector(weight), Rows.vector(bias), epsilon);
  const expected = naive(x, rows, weight, bias, <f64>epsilon);
  const tolerance = filled(rows * C, 8 * ULP * (4 + 16 * Math.abs(<f64>center)));
  const what = rows.toString() + ' rows of ' + C.toString() + ' channels around ' + center.toString();
  expectClose(out, expected, tolerance, what);
  expectInside(out, C, what);
}

describe('layer norm', () => {
  it('is close to the reference for every number of channels and rows', () => {
    seed(1);
    for (let i = 0; i < CHANNELS.length; i++) {
      for (let rows = 1; rows <= 13; rows += 3) check(rows, CHANNELS[i], 0, 1e-5);
    }
  });

  it('is close to the reference for numbers far from zero', () => {
    seed(2);
    for (let i = 3; i < CHANNELS.length; i++) {
      check(2, CHANNELS[i], 100, 1e-5);
      check(2, CHANNELS[i], -30, 1e-5);
    }
  });

  it('heeds epsilon', () => {
    seed(3);
    check(2, 36, 0, 0.5);
    check(2, 36, 0, 1e-12);
  });

  it('gives the bias for a constant row', () => {
    seed(4);
    const bias = Rows.vector(randomArray(36));
    const out = new Rows(1, 36);
    normalize(out, Rows.vector(new StaticArray<f32>(36).fill(0.5)), Rows.vector(randomArray(36)), bias, 1e-5);
    expectSameBits(out, bias, 'constant row');
  });

  it('gives each row the bits it has alone', () => {
    seed(5);
    for (let i = 0; i < CHANNELS.length; i++) {
      const C = CHANNELS[i];
      const x = Rows.of(randomArray(7 * C), C);
      const weight = Rows.vector(randomArray(C));
      const bias = Rows.vector(randomArray(C));
      const together = new Rows(7, C);
      normalize(together, x, weight, bias, 1e-5);
      const alone = new Rows(7, C);
      for (let row = 0; row < 7; row++) {
        layernorm(alone.pointer(row), 0, x.pointer(row), 0, 1, weight.pointer(), bias.pointer(), C, 1e-5);
      }
      expectSameBits(alone, together, C.toString() + ' channels');
    }
  });
});
