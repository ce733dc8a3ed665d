import { ACTIVATION_BYTES, FUSED, ZERO_POINT, dotAdd, dotPairs, madd, maxLanes, sumLanes } from '../simd';

const memoryOf = memory.data<f32>([3, 5, -7, 0.5, 2, -1, 4, 8, 1, 10, 100, 1000, 1.0000003576278687, -1], 16);

describe('simd', () => {
  it('madd multiplies the first two and adds the third', () => {
    // Loaded, not constant: the compiler folds constants of the relaxed instruction as a + b * c.
    const r = madd(v128.load(memoryOf), v128.load(memoryOf, 16), v128.load(memoryOf, 32));
    expect<f32>(f32x4.extract_lane(r, 0)).toBe(7);
    expect<f32>(f32x4.extract_lane(r, 1)).toBe(5);
    expect<f32>(f32x4.extract_lane(r, 2)).toBe(72);
    expect<f32>(f32x4.extract_lane(r, 3)).toBe(1004);
  });

  it('madd rounds after the product and after the sum in the simd build', () => {
    // (1 + 3 u)^2 - 1 is 6 u + 9 u^2, and 6 u if the product is rounded; u is 2^-23.
    const x = v128.load32_splat(memoryOf, 48);
    const r = f32x4.extract_lane(madd(x, x, v128.load32_splat(memoryOf, 52)), 0);
    const rounded: f32 = 7.152557373046875e-7;
    const fused: f32 = 7.152558509915252e-7;
    expect<bool>(fused > rounded).toBe(true);
    if (FUSED) expect<bool>(r == fused || r == rounded).toBe(true);
    else expect<f32>(r).toBe(rounded);
  });

  it('dotAdd is exact for every pair of a weight and an activation', () => {
    let wrong = 0;
    for (let w = -127; w <= 127; w++) {
      for (let a = -63; a <= 63; a++) {
        const stored = a + ZERO_POINT;
        // Different numbers at each position of a group, and nonzero sums to add to.
        const sums = i32x4(5, -7, 0, 1 << 20);
        if (ACTIVATION_BYTES == 1) {
          const weights = i32x4(
            (w & 255) | 0x100 | ((-w & 255) << 16) | 0x2000000,
            (w & 255) * 0x01010101,
            (-w & 255) * 0x01010101,
            3 | (w << 24),
          );
          const sum = dotAdd(weights, i8x16.splat(<i8>stored), sums);
          if (i32x4.extract_lane(sum, 0) != 3 * stored + 5) wrong++;
          if (i32x4.extract_lane(sum, 1) != 4 * w * stored - 7) wrong++;
          if (i32x4.extract_lane(sum, 2) != -4 * w * stored) wrong++;
          if (i32x4.extract_lane(sum, 3) != (w + 3) * stored + (1 << 20)) wrong++;
        } else {
          const weights = i16x8(<i16>w, 1, <i16>w, <i16>w, <i16>-w, <i16>-w, 3, <i16>w);
          const sum = dotAdd(weights, i16x8.splat(<i16>stored), sums);
          if (i32x4.extract_lane(sum, 0) != (w + 1) * stored + 5) wrong++;
          if (i32x4.extract_lane(sum, 1) != 2 * w * stored - 7) wrong++;
          if (i32x4.extract_lane(sum, 2) != -2 * w * stored) wrong++;
          if (i32x4.extract_lane(sum, 3) != (w + 3) * stored + (1 << 20)) wrong++;
        }
      }
    }
    expect<i32>(wrong).toBe(0);
  });

  it('dotAdd pairs each weight with its own activation', () => {
    const bits = 8 * ACTIVATION_BYTES;
    for (let k = 0; k < 32 / bits; k++) {
      const one = i32x4.splat(1 << (bits * k));
      const activations = i32x4.splat(ACTIVATION_BYTES == 1 ? 0x04030201 : 0x00020001);
      const sums = dotAdd(one, activations, i32x4.splat(0));
      expect<bool>(i32x4.all_true(i32x4.eq(sums, i32x4.splat(k + 1)))).toBe(true);
    }
  });

  it('dotPairs adds the products of two weights', () => {
    if (ACTIVATION_BYTES == 1) {
      let wrong = 0;
      for (let w = -127; w <= 127; w++) {
        for (let a = 0; a <= 127; a++) {
          const sums = dotPairs(i16x8.splat(<i16>((w << 8) | 3)), i16x8.splat(<i16>((a << 8) | 127)));
          const both = dotPairs(i8x16.splat(<i8>w), i8x16.splat(<i8>a));
          if (i16x8.extract_lane_s(sums, 5) != <i16>(w * a + 3 * 127)) wrong++;
          if (i16x8.extract_lane_s(both, 2) != <i16>(2 * w * a)) wrong++;
        }
      }
      expect<i32>(wrong).toBe(0);
    }
  });

  it('sums and maxima take in every lane', () => {
    expect<f32>(sumLanes(v128.load(memoryOf, 32))).toBe(1111);
    for (let lane = 0; lane < 4; lane++) {
      const values = new StaticArray<f32>(4).fill(-3);
      values[lane] = -2;
      expect<f32>(maxLanes(v128.load(changetype<usize>(values)))).toBe(-2);
    }
  });
});
