import { GELU_ERF, GELU_TANH, RELU, SILU, TANH } from '../../abi';
import { activate } from '../../kernels/activation';
import { geluErf, geluTanh, relu, silu, tanh } from '../../reference/activation';
import { Rows, expectClose, expectInside, expectSameBits, randomArray, seed } from '../support';

/** Compares with the reference, within `bound` max(1, |x|); a `bound` of 0 means equality. */
function check(kind: i32, reference: (x: f64) => f64, bound: f64): void {
  for (let n = 16; n <= 112; n += 16) {
    for (let magnitude: f32 = 0.1; magnitude < 200; magnitude *= 10) {
      const x = randomArray(n, magnitude);
      const out = Rows.vector(x);
      activate(kind, out.pointer(), (<usize>n) << 2);
      const expected = new StaticArray<f64>(n);
      const tolerance = new StaticArray<f64>(n);
      for (let i = 0; i < n; i++) {
        expected[i] = reference(<f64>x[i]);
        tolerance[i] = bound * Math.max(1, Math.abs(<f64>x[i]));
      }
      const what = n.toString() + ' numbers up to ' + magnitude.toString();
      expectClose(out, expected, tolerance, what);
      expectInside(out, n, what);
    }
  }
}

describe('activation', () => {
  it('computes the tanh form of GELU', () => {
    seed(1);
    check(GELU_TANH, geluTanh, 3e-7);
  });

  it('computes the exact form of GELU', () => {
    seed(2);
    check(GELU_ERF, geluErf, 4e-7);
  });

  it('computes ReLU exactly', () => {
    seed(3);
    check(RELU, relu, 0);
  });

  it('computes SiLU', () => {
    seed(4);
    check(SILU, silu, 3e-7);
  });

  it('computes tanh', () => {
    seed(5);
    check(TANH, tanh, 2e-7);
  });

  it('changes nothing when there is nothing to do', () => {
    seed(6);
    const x = randomArray(16);
    for (let kind = GELU_TANH; kind <= TANH; kind++) {
      const out = Rows.vector(x);
      activate(kind, out.pointer(), 0);
      expectSameBits(out, Rows.vector(x), 'no bytes');
    }
  });
});
