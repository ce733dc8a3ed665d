import { PANELS_BYTES, STRETCH } from '../../training/abi';
import {
  TRANSPOSED_STRIDE,
  matmulForward,
  matmulInput,
  matmulWeight,
  transposeInput,
  weightStretch,
} from '../../training/matmul';
import { padded } from '../../abi';
import { Matrix } from '../../models/structs';
import { matmul as naive } from '../../reference/matmul';
import { panels, transpose } from '../../reference/pack';
import { Loss, differences, dot, expectSlopes } from '../finite_difference';
import {
  Rows,
  absolute,
  expectClose,
  expectInside,
  expectSameBits,
  guardNull,
  randomArray,
  seed,
} from '../support';

class MatmulLoss extends Loss {
  constructor(
    readonly x: StaticArray<f32>,
    readonly w: StaticArray<f32>,
    readonly rows: i32,
    readonly K: i32,
    readonly N: i32,
    readonly dout: StaticArray<f32>,
  ) {
    super();
  }

  value(): f64 {
    return dot(naive(this.x, this.w, this.rows, this.K, this.N), this.dout);
  }
}

function matrixOf(weight: usize, bias: usize, K: i32, N: i32): Matrix {
  const matrix = changetype<Matrix>(heap.alloc(offsetof<Matrix>()));
  matrix.weight = weight;
  matrix.bias = bias;
  matrix.K = K;
  matrix.N = N;
  return matrix;
}

/** The products of one layer, each in `parts` ranges of panels. */
class Layer {
  x: StaticArray<f32>;
  w: StaticArray<f32>;
  dy: StaticArray<f32>;
  bias: StaticArray<f32>;
  scratch: StaticArray<u8> = new StaticArray<u8>(<i32>PANELS_BYTES);

  constructor(
    readonly rows: i32,
    readonly K: i32,
    readonly N: i32,
  ) {
    this.x = randomArray(rows * K);
    this.w = randomArray(K * N);
    this.dy = randomArray(rows * N);
    this.bias = randomArray(N);
  }

  get name(): string {
    return this.rows.toString() + ' x ' + this.K.toString() + ' x ' + this.N.toString();
  }

  forward(parts: i32): Rows {
    const out = new Rows(this.rows, this.N);
    const x = Rows.of(this.x, this.K);
    const w = panels(this.w, this.K, this.N);
    const bias = Rows.vector(this.bias);
    const matrix = matrixOf(changetype<usize>(w), bias.pointer(), this.K, this.N);
    const count = padded(this.N) / 16;
    for (let part = 0; part < parts; part++) {
      matmulForward(
        out.pointer(),
        out.strideBytes,
        x.pointer(),
        x.strideBytes,
        this.rows,
        matrix,
        (count * part) / parts,
        (count * (part + 1)) / parts,
      );
    }
    return out;
  }

  input(parts: i32): Rows {
    const dx = new Rows(this.rows, this.K);
    const dy = Rows.of(this.dy, this.N);
    const w = panels(this.w, this.K, this.N, NaN);
    const matrix = matrixOf(changetype<usize>(w), 0, this.K, this.N);
    const count = padded(this.K) / 16;
    for (let part = 0; part < parts; part++) {
      matmulInput(
        dx.pointer(),
        dx.strideBytes,
        dy.pointer(),
        dy.strideBytes,
        this.rows,
        matrix,
        (count * part) / parts,
        (count * (part + 1)) / parts,
        changetype<usize>(this.scratch),
      );
    }
    return dx;
  }

  /** Panels of dw, then dbias, each added to `before`. */
  weight(parts: i32, before: f32): StaticArray<f32> {
    const x = Rows.of(this.x, this.K);
    const dy = Rows.of(this.dy, this.N);
    const count = padded(this.N) / 16;
    const numbers = count * 16 * this.K;
    const all = new StaticArray<f32>(numbers + count * 16);
    for (let i = 0; i < numbers; i++) all[i] = (i / (16 * this.K)) * 16 + (i % 16) < this.N ? before : 0;
    for (let i = 0; i < this.N; i++) all[numbers + i] = before;
    const dw = changetype<usize>(all);
    const transposed = new StaticArray<u8>(<i32>TRANSPOSED_STRIDE * this.K);
    const longest = weightStretch(this.rows);
    for (let row = 0; row < this.rows; row += longest) {
      const height = min(longest, this.rows - row);
      for (let part = 0; part < parts; part++) {
        const first = (this.K * part) / parts;
        const end = (this.K * (part + 1)) / parts;
        transposeInput(changetype<usize>(transposed), x.pointer(row), x.strideBytes, height, first, end);
      }
      for (let part = 0; part < parts; part++) {
        matmulWeight(
          dw,
          dw + ((<usize>numbers) << 2),
          changetype<usize>(transposed),
          dy.pointer(row),
          dy.strideBytes,
          height,
          this.K,
          this.N,
          (count * part) / parts,
          (count * (part + 1)) / parts,
          changetype<usize>(this.scratch),
        );
      }
    }
    return all;
  }

  checkForward(): void {
    const expected = naive(this.x, this.w, this.rows, this.K, this.N);
    const bound = naive(absolute(this.x), absolute(this.w), this.rows, this.K, this.N);
    for (let i = 0; i < expected.length; i++) {
      expected[i] += <f64>this.bias[i % this.N];
      bound[i] = (bound[i] + 1) * (<f64>(this.K + 2) / 16777216);
    }
    const out = this.forward(1);
    expectClose(out, expected, bound, this.name);
    expectInside(out, padded(this.N), this.name);
    expectSameBits(this.forward(3), out, this.name + ', in parts');
  }

  checkInput(): void {
    const turned = transpose(this.w, this.K, this.N);
    const expected = naive(this.dy, turned, this.rows, this.N, this.K);
    const bound = naive(absolute(this.dy), absolute(turned), this.rows, this.N, this.K);
    for (let i = 0; i < bound.length; i++) bound[i] *= <f64>(this.N + 2) / 16777216;
    const dx = this.input(1);
    expectClose(dx, expected, bound, this.name + ', dx');
    expectInside(dx, padded(this.K), this.name + ', dx');
    expectSameBits(this.input(2), dx, this.name + ', dx in parts');
  }

  checkWeight(): void {
    const turned = transpose(this.x, this.rows, this.K);
    const products = naive(turned, this.dy, this.K, this.rows, this.N);
    const sizes = naive(absolute(turned), absolute(this.dy), this.K, this.rows, this.N);
    const all = this.weight(1, 0.5);
    const count = padded(this.N) / 16;
    const expected = new StaticArray<f64>(all.length);
    const bound = new StaticArray<f64>(all.length);
    for (let n = 0; n < this.N; n++) {
      for (let k = 0; k < this.K; k++) {
        const at = ((n / 16) * this.K + k) * 16 + (n % 16);
        expected[at] = 0.5 + products[k * this.N + n];
        bound[at] = ((0.5 + sizes[k * this.N + n]) * <f64>(this.rows + 2)) / 16777216;
      }
      const at = count * 16 * this.K + n;
      expected[at] = 0.5;
      for (let row = 0; row < this.rows; row++) {
        expected[at] += <f64>this.dy[row * this.N + n];
        bound[at] += Math.abs(<f64>this.dy[row * this.N + n]);
      }
      bound[at] = ((0.5 + bound[at]) * <f64>(this.rows + 2)) / 16777216;
    }
    // Columns beyond N in the last panel have bound 0: they stay zero.
    const mine = Rows.vector(all);
    expectClose(mine, expected, bound, this.name + ', dw and dbias');
    expectSameBits(Rows.vector(this.weight(3, 0.5)), mine, this.name + ', dw in parts');
  }
}

describe('matmul backward', () => {
  beforeAll(guardNull);

  it('has a reference that finite differences agree with', () => {
    seed(1);
    const loss = new MatmulLoss(randomArray(15), randomArray(20), 3, 5, 4, randomArray(12));
    const dx = naive(loss.dout, transpose(loss.w, 5, 4), 3, 4, 5);
    expectSlopes(dx, 0, differences(loss, loss.x), 'dx');
    const dw = naive(transpose(loss.x, 3, 5), loss.dout, 5, 3, 4);
    expectSlopes(dw, 0, differences(loss, loss.w), 'dw');
  });

  it('is within the rounding bound of the reference for odd sizes, whole and in parts', () => {
    seed(2);
    const sizes: i32[] = [1, 5, 16, 17, 50, 101];
    for (let k = 0; k < sizes.length; k++) {
      for (let n = 0; n < sizes.length; n++) {
        const layer = new Layer(1 + ((5 * k + 3 * n) % 29), sizes[k], sizes[n]);
        layer.checkForward();
        layer.checkInput();
        layer.checkWeight();
      }
    }
  });

  it('cuts long sums into stretches', () => {
    seed(3);
    new Layer(7, 33, 2 * STRETCH + 90).checkInput();
    new Layer(7, STRETCH + 1, 33).checkForward();
    new Layer(STRETCH + 5, 33, 17).checkWeight();
    new Layer(2 * STRETCH + 5, 3, 17).checkWeight();
  });
});
