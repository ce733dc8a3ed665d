import { layernormInput, layernormWeights } from '../../../training/backward/layernorm';
import { layernorm as reference } from '../../../reference/backward';
import { layernorm as forward } from '../../../reference/layernorm';
import { Loss, differences, dot, expectSlopes } from '../../finite_difference';
import { Rows, expectClose, expectInside, expectSameBits, filled, randomArray, rowsOf, seed } from '../../support';

class LayernormLoss extends Loss {
  constructor(
    readonly x: StaticArray<f32>,
    readonly rows: i32,
    readonly weight: StaticArray<f32>,
    readonly bias: StaticArray<f32>,
    readonly epsilon: f64,
    readonly dout: StaticArray<f32>,
  ) {
    super();
  }

  value(): f64 {
    return dot(forward(this.x, this.rows, this.weight, this.bias, this.epsilon), this.dout);
  }
}

/** Gradients in arrays with previous contents; those of the weights are computed in `parts` pieces. */
class Gradients {
  dx: Rows;
  dweight: Rows;
  dbias: Rows;

  constructor(dout: Rows, x: Rows, weight: Rows, epsilon: f32, before: StaticArray<f32>, parts: i32) {
    const C = x.columns;
    this.dx = Rows.of(before, C, x.stride);
    this.dweight = Rows.of(rowsOf(before, C, 0, 1), C);
    this.dbias = Rows.of(rowsOf(before, C, 0, 1), C);
    const moments = new Rows(1, 2 * x.rows);
    layernormInput(
      this.dx.pointer(),
      dout.pointer(),
      x.pointer(),
      x.strideBytes,
      x.rows,
      weight.pointer(),
      C,
      epsilon,
      moments.pointer(),
    );
    for (let part = 0; part < parts; part++) {
      layernormWeights(
        this.dweight.pointer(),
        this.dbias.pointer(),
        dout.pointer(),
        x.pointer(),
        x.strideBytes,
        x.rows,
        ((C * part) / parts) & ~3,
        part + 1 == parts ? C : ((C * (part + 1)) / parts) & ~3,
        moments.pointer(),
      );
    }
    expectInside(moments, 2 * x.rows, 'moments');
  }
}

function check(rows: i32, C: i32, epsilon: f32): void {
  const what = rows.toString() + ' rows of ' + C.toString() + ' channels';
  const x = randomArray(rows * C);
  const weight = randomArray(C, 2);
  const dout = randomArray(rows * C);
  const before = randomArray(rows * C);
  const stride = Rows.of(x, C).stride;
  const all = reference(dout, x, rows, weight, <f64>epsilon);
  for (let i = 0; i < rows * C; i++) all[i] += <f64>before[i];
  for (let i = 0; i < 2 * C; i++) all[rows * C + i] += <f64>before[i % C];
  const inputs = Rows.of(x, C, stride);
  const gradients = Rows.of(dout, C, stride);
  const weights = Rows.vector(weight);
  const whole = new Gradients(gradients, inputs, weights, epsilon, before, 1);
  const deviation = Math.sqrt(<f64>epsilon + 0.01);
  expectClose(whole.dx, all, filled(rows * C, 3e-6 / deviation), what + ', dx');
  expectClose(whole.dweight, all.slice<StaticArray<f64>>(rows * C), filled(C, 1e-5 * <f64>rows), what + ', dweight');
  expectClose(whole.dbias, all.slice<StaticArray<f64>>((rows + 1) * C), filled(C, 1e-6 * <f64>rows), what + ', dbias');
  expectInside(whole.dx, C, what);
  expectInside(whole.dweight, C, what);
  expectInside(whole.dbias, C, what);
  const parts = new Gradients(gradients, inputs, weights, epsilon, before, 3);
  expectSameBits(parts.dweight, whole.dweight, what + ', columns in parts');
  expectSameBits(parts.dbias, whole.dbias, what + ', columns in parts');
}

describe('layer norm backward', () => {
  it('has a reference that finite differences agree with', () => {
    seed(1);
    const C = 7;
    const loss = new LayernormLoss(randomArray(3 * C), 3, randomArray(C), randomArray(C), 1e-2, randomArray(3 * C));
    const all = reference(loss.dout, loss.x, 3, loss.weight, loss.epsilon);
    expectSlopes(all, 0, differences(loss, loss.x), 'dx');
    expectSlopes(all, 3 * C, differences(loss, loss.weight), 'dweight');
    expectSlopes(all, 4 * C, differences(loss, loss.bias), 'dbias');
  });

  it('is close to the reference, adds to what is there, and does not depend on the split', () => {
    seed(2);
    const channels: i32[] = [2, 3, 5, 12, 16, 36, 101, 768];
    for (let i = 0; i < channels.length; i++) {
      for (let rows = 1; rows <= 13; rows += 4) check(rows, channels[i], 1e-2);
    }
    check(5, 36, 1e-5);
  });
});
