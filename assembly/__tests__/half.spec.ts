import {
  scale1,
  scales4,
  signedScale1,
  signedScales4,
  storeHalf,
  storeHalves4,
} from '../half';
import { decodeF16 } from '../reference/pack';
import { nearestHalf } from '../reference/q8';
import { randomBits, seed } from './support';

const stored = memory.data(8);

function toHalf(x: f32): u16 {
  storeHalf(stored, f32x4.replace_lane(f32x4.splat(1), 0, x));
  return load<u16>(stored);
}

describe('half', () => {
  it('reads every half from 0 to the largest', () => {
    const halves = new StaticArray<u16>(0x7c00);
    for (let i = 0; i < halves.length; i++) halves[i] = <u16>i;
    const start = changetype<usize>(halves);
    let wrong = 0;
    for (let i = 0; i < halves.length; i += 4) {
      const four = scales4(start + (i << 1));
      if (<f64>f32x4.extract_lane(four, 0) != decodeF16(i)) wrong++;
      if (<f64>f32x4.extract_lane(four, 1) != decodeF16(i + 1)) wrong++;
      if (<f64>f32x4.extract_lane(four, 2) != decodeF16(i + 2)) wrong++;
      if (<f64>f32x4.extract_lane(four, 3) != decodeF16(i + 3)) wrong++;
      if (<f64>scale1(start + (i << 1)) != decodeF16(i)) wrong++;
    }
    expect<i32>(wrong).toBe(0);
  });

  it('writes every half, what lies between two, and what is nearer to one', () => {
    let wrong = 0;
    for (let i = 0; i < 0x7bff; i++) {
      const middle = <f32>((decodeF16(i) + decodeF16(i + 1)) / 2);
      const bits = reinterpret<u32>(middle);
      if (toHalf(<f32>decodeF16(i)) != i) wrong++;
      if (toHalf(middle) != i + (i & 1)) wrong++;
      if (toHalf(reinterpret<f32>(bits - 1)) != i) wrong++;
      if (toHalf(reinterpret<f32>(bits + 1)) != i + 1) wrong++;
    }
    expect<i32>(wrong).toBe(0);
  });

  it('reads and writes halves of either sign', () => {
    const halves = new StaticArray<u16>(4);
    const start = changetype<usize>(halves);
    let wrong = 0;
    for (let i = 0; i < 0x7c00; i++) {
      halves[0] = <u16>i;
      halves[1] = <u16>(i | 0x8000);
      const four = signedScales4(start);
      if (<f64>f32x4.extract_lane(four, 0) != decodeF16(i)) wrong++;
      if (<f64>f32x4.extract_lane(four, 1) != -decodeF16(i)) wrong++;
      if (<f64>signedScale1(start) != decodeF16(i)) wrong++;
      if (<f64>signedScale1(start + 2) != -decodeF16(i)) wrong++;
      if (toHalf(<f32>decodeF16(i)) != i) wrong++;
      if (i && toHalf(<f32>-decodeF16(i)) != (i | 0x8000)) wrong++;
    }
    expect<i32>(wrong).toBe(0);
  });

  it('writes any number as its reference, the largest half for all above', () => {
    seed(1);
    let wrong = 0;
    for (let i = 0; i < 3000; i++) {
      const x = reinterpret<f32>(randomBits() % 0x7f800000);
      if (<i32>toHalf(x) != nearestHalf(<f64>x)) wrong++;
    }
    expect<i32>(wrong).toBe(0);
    expect<u16>(toHalf(65520)).toBe(0x7bff);
    expect<u16>(toHalf(1e30)).toBe(0x7bff);
  });

  it('writes each of four with its sign', () => {
    seed(2);
    let wrong = 0;
    for (let i = 0; i < 0x7bff; i++) {
      const middle = reinterpret<u32>(<f32>((decodeF16(i) + decodeF16(i + 1)) / 2));
      const random = randomBits();
      const any = random % 0x7f800000 | (random & 0x80000000);
      const four: StaticArray<u32> = [middle - 1, middle | 0x80000000, middle + 1, any];
      storeHalves4(stored, v128.load(changetype<usize>(four)));
      for (let lane = 0; lane < 4; lane++) {
        const expected = nearestHalf(<f64>reinterpret<f32>(four[lane] & 0x7fffffff));
        const sign: i32 = four[lane] >> 31 ? 0x8000 : 0;
        if (<i32>load<u16>(stored + (lane << 1)) != (expected | sign)) wrong++;
      }
    }
    expect<i32>(wrong).toBe(0);
    expect<u16>(toHalf(-Infinity)).toBe(0xfbff);
    expect<u16>(toHalf(NaN)).toBe(0x7bff);
  });
});
