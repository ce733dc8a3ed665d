import { activateBackward } from '../../../training/backward/activation';
import { GELU_ERF, GELU_TANH, RELU, SILU, TANH } from '../../../abi';
import {
  geluErf,
  geluErfSlope,
  geluTanh,
  geluTanhSlope,
  relu,
  reluSlope,
  silu,
  siluSlope,
  tanh,
  tanhSlope,
} from '../../../reference/activation';
import { Rows, expectClose, expectInside, randomArray, seed } from '../../support';

function check(kind: i32, f: (x: f64) => f64, slope: (x: f64) => f64, bound: f64): void {
  for (let n = 16; n <= 112; n += 32) {
    for (let magnitude: f32 = 0.1; magnitude < 200; magnitude *= 10) {
      const x = randomArray(n, magnitude);
      const dout = randomArray(n);
      const out = Rows.vector(dout);
      activateBackward(kind, out.pointer(), Rows.vector(x).pointer(), (<usize>n) << 2);
      const expected = new StaticArray<f64>(n);
      const tolerance = new StaticArray<f64>(n);
      let worst: f64 = 0;
      for (let i = 0; i < n; i++) {
        const at = <f64>x[i];
        expected[i] = slope(at) * <f64>dout[i];
        tolerance[i] = bound * Math.max(1, Math.abs(at));
        const h: f64 = 1e-5;
        if (Math.abs(at) > h) worst = Math.max(worst, Math.abs((f(at + h) - f(at - h)) / (2 * h) - slope(at)));
      }
      const what = n.toString() + ' numbers up to ' + magnitude.toString();
      expect<f64>(worst).toBeLessThanOrEqual(1e-8, what + ': reference and finite differences');
      expectClose(out, expected, tolerance, what);
      expectInside(out, n, what);
    }
  }
}

describe('activation backward', () => {
  it('computes the slope of the tanh form of GELU', () => {
    seed(1);
    check(GELU_TANH, geluTanh, geluTanhSlope, 1e-6);
  });

  it('computes the slope of the exact form of GELU', () => {
    seed(2);
    check(GELU_ERF, geluErf, geluErfSlope, 1e-6);
  });

  it('computes the slope of ReLU exactly', () => {
    seed(3);
    check(RELU, relu, reluSlope, 0);
  });

  it('computes the slope of SiLU', () => {
    seed(4);
    check(SILU, silu, siluSlope, 1e-6);
  });

  it('computes the slope of tanh', () => {
    seed(5);
    check(TANH, tanh, tanhSlope, 1e-6);
  });
});
