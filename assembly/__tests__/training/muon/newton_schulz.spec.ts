import { padded } from '../../../abi';
import { orthogonalize as reference } from '../../../reference/newton_schulz';
import { PANELS_BYTES, STRETCH } from '../../../training/abi';
import { TRANSPOSED_STRIDE } from '../../../training/matmul';
import { orthogonalize } from '../../../training/muon/newton_schulz';
import { Muon } from '../../../training/muon/structs';
import { Rows, expectClose, expectInside, expectSameBits, filled, guardNull, randomArray, seed } from '../../support';

/** The result of the kernel for x[n, m], without its padding. */
function result(x: StaticArray<f32>, n: i32, m: i32): Rows {
  const width = padded(m);
  // Rows of kernels are whole panels long, one after the other; the guards are before and after them.
  const iterate = new Rows(n, width, width);
  for (let i = 0; i < n * width; i++) iterate.set(i / width, i % width, 0);
  for (let i = 0; i < n * m; i++) iterate.set(i / m, i % m, x[i]);
  const next = new Rows(n, width, width);
  const gram = new Rows(m, width, width);
  const polynomial = new Rows(m, width, width);
  const scratch = new StaticArray<u8>(<i32>PANELS_BYTES);
  const transposed = new StaticArray<u8>(<i32>TRANSPOSED_STRIDE * m);
  const partials = new StaticArray<f64>(1 + (n * width) / 65536);
  const muon = changetype<Muon>(heap.alloc(offsetof<Muon>()));
  muon.iterate = iterate.pointer();
  muon.next = next.pointer();
  muon.gram = gram.pointer();
  muon.polynomial = polynomial.pointer();
  muon.transposed = changetype<usize>(transposed);
  muon.partials = changetype<usize>(partials);
  const at = orthogonalize(muon, n, m, changetype<usize>(scratch));
  const found = at == next.pointer() ? next : iterate;
  for (let i = 0; i < 4; i++) {
    const buffer = i == 0 ? iterate : i == 1 ? next : i == 2 ? gram : polynomial;
    expectInside(buffer, width, 'buffer ' + i.toString());
  }
  const out = new Rows(n, m);
  for (let i = 0; i < n * m; i++) out.set(i / m, i % m, found.get(i / m, i % m));
  for (let i = 0; i < n; i++) {
    for (let j = m; j < width; j++) expect<f32>(found.get(i, j)).toBe(0, 'padding');
  }
  return out;
}

/** Fails unless the kernel is near the reference. */
function check(x: StaticArray<f32>, n: i32, m: i32, what: string): void {
  // Rounding errors of the first step grow with the small singular values: by 3.4445^5 at most.
  expectClose(result(x, n, m), reference(x, n, m), filled(n * m, 5e-5), what);
}

describe('Newton-Schulz', () => {
  beforeAll(guardNull);

  it('is close to the reference for odd sizes', () => {
    seed(1);
    const sizes: i32[] = [1, 2, 5, 16, 17, 33, 70];
    for (let i = 0; i < sizes.length; i++) {
      for (let j = 0; j <= i; j++) {
        const n = sizes[i];
        const m = sizes[j];
        check(randomArray(n * m), n, m, n.toString() + ' x ' + m.toString());
      }
    }
  });

  it('cuts long sums into stretches', () => {
    seed(2);
    const n = 2 * STRETCH + 5;
    check(randomArray(n * 3), n, 3, 'a tall matrix');
  });

  it('takes matrices of rank one and of zeros', () => {
    seed(3);
    const left = randomArray(21);
    const right = randomArray(18);
    const x = new StaticArray<f32>(21 * 18);
    for (let i = 0; i < x.length; i++) x[i] = left[i / 18] * right[i % 18];
    check(x, 21, 18, 'rank one');
    expectSameBits(result(new StaticArray<f32>(21 * 18), 21, 18), Rows.of(new StaticArray<f32>(21 * 18), 18), 'zeros');
  });

  it('does not depend on the scale, unless the norm is that of rounding errors', () => {
    seed(4);
    const x = randomArray(20 * 17);
    const scaled = new StaticArray<f32>(x.length);
    for (let i = 0; i < x.length; i++) scaled[i] = x[i] * 1125899906842624;
    expectSameBits(result(scaled, 20, 17), result(x, 20, 17), 'x 2^50');
    for (let i = 0; i < x.length; i++) scaled[i] = x[i] * 1e-30;
    check(scaled, 20, 17, 'x 1e-30');
  });
});
