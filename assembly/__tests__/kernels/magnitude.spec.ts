import { largestMagnitude } from '../../kernels/magnitude';
import { packLinearQ4_0 } from '../../kernels/formats/q4/pack';
import { packLinearQ8_0 } from '../../kernels/formats/q8/pack';
import { Q4_BLOCK_BYTES, Q8_BLOCK_BYTES } from '../../abi';
import { Rows, randomArray, randomBelow, randomBits, seed } from '../support';

const SIZES: i32[] = [1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 100, 1023];

/** Bits of infinities and of NaN with and without a sign, quiet and signaling. */
const SPECIAL: u32[] = [0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7f800001, 0xffbfffff];

/** Bits of halves that are invalid as scales, and of the largest valid ones. */
const SPECIAL_HALVES: u16[] = [0x7c00, 0xfc00, 0x7e00, 0xfc01];
const LARGEST_HALVES: u16[] = [0x7bff, 0xfbff];

/** Whether packing accepts blocks with `scale` in one of them. */
function packs(q4: bool, N: i32, K: i32, at: i32, scale: u16): bool {
  const bytes: usize = q4 ? 18 : 34;
  const blocks = N * (K / 32);
  const src = heap.alloc(bytes * blocks);
  for (let i: usize = 0; i < bytes * blocks; i++) store<u8>(src + i, <u8>randomBits());
  for (let i = 0; i < blocks; i++) store<u16>(src + bytes * i, <u16>(randomBits() & 0xbbff));
  store<u16>(src + bytes * at, scale);
  const panels = ((N + 15) / 16) * (K / 32);
  const out = heap.alloc(<usize>panels * (q4 ? Q4_BLOCK_BYTES : Q8_BLOCK_BYTES));
  const good = q4 ? packLinearQ4_0(out, src, 0, N, K) : packLinearQ8_0(out, src, 0, N, K);
  heap.free(src);
  heap.free(out);
  return good;
}

describe('magnitudes', () => {
  it('the largest is that of the number farthest from 0', () => {
    seed(1);
    for (let s = 0; s < SIZES.length; s++) {
      const n = SIZES[s];
      for (let at = 0; at < n; at += 1 + n / 20) {
        const values = randomArray(n);
        values[at] = at % 2 ? 3e38 : -3e38;
        const x = Rows.vector(values);
        expect<f32>(largestMagnitude(x.pointer(), n)).toBe(3e38, n.toString() + ' numbers, at ' + at.toString());
      }
    }
    expect<f32>(largestMagnitude(Rows.vector([0, -0, 0, -0, 0]).pointer(), 5)).toBe(0);
    expect<f32>(largestMagnitude(0, 0)).toBe(0);
  });

  it('NaN and infinity are larger than all, wherever they are', () => {
    seed(2);
    for (let s = 0; s < SIZES.length; s++) {
      const n = SIZES[s];
      for (let i = 0; i < SPECIAL.length; i++) {
        const x = Rows.vector(randomArray(n));
        store<u32>(x.pointer() + ((<usize>randomBelow(n)) << 2), SPECIAL[i]);
        const largest = largestMagnitude(x.pointer(), n);
        const wanted = i < 2 ? largest == Infinity : isNaN(largest);
        expect<bool>(wanted).toBe(true, n.toString() + ' numbers, ' + i.toString());
      }
    }
  });

  it('blocks with a scale that is not finite are not packed as good', () => {
    seed(3);
    for (let q4 = 0; q4 < 2; q4++) {
      for (let N = 1; N < 20; N += 3) {
        for (let at = 0; at < N * 2; at++) {
          for (let i = 0; i < SPECIAL_HALVES.length; i++) {
            expect<bool>(packs(q4 == 1, N, 64, at, SPECIAL_HALVES[i])).toBe(false, 'N = ' + N.toString());
          }
          for (let i = 0; i < LARGEST_HALVES.length; i++) {
            expect<bool>(packs(q4 == 1, N, 64, at, LARGEST_HALVES[i])).toBe(true, 'N = ' + N.toString());
          }
        }
      }
    }
  });
});
