// The inverse DCT of libjpeg's "islow" method, bit by bit: integers with 13 bits of fraction, columns first, after
// Loeffler, Ligtenberg and Moschytz (1989).
const CONSTANT_BITS = 13;
/** Bits of fraction that columns leave for rows. */
const PASS_BITS = 2;

/** A factor with 13 bits of fraction. */
const fixed = (factor: number) => Math.round(factor * 2 ** CONSTANT_BITS);
const F0_298 = fixed(0.298631336);
const F0_390 = fixed(0.390180644);
const F0_541 = fixed(0.5411961);
const F0_765 = fixed(0.765366865);
const F0_899 = fixed(0.899976223);
const F1_175 = fixed(1.175875602);
const F1_501 = fixed(1.50132111);
const F1_847 = fixed(1.847759065);
const F1_961 = fixed(1.96157056);
const F2_053 = fixed(2.053119869);
const F2_562 = fixed(2.562915447);
const F3_072 = fixed(3.072711026);

/** Transforms eight numbers, `step` apart, in place; drops `shift` bits of fraction by rounding. */
function transform(block: Int32Array, at: number, step: number, shift: number): void {
  const in0 = block[at]!;
  const in1 = block[at + step]!;
  const in2 = block[at + 2 * step]!;
  const in3 = block[at + 3 * step]!;
  const in4 = block[at + 4 * step]!;
  const in5 = block[at + 5 * step]!;
  const in6 = block[at + 6 * step]!;
  const in7 = block[at + 7 * step]!;
  const half = 1 << (shift - 1);

  const evenTurn = (in2 + in6) * F0_541;
  const low = evenTurn - in6 * F1_847;
  const high = evenTurn + in2 * F0_765;
  const sum = (in0 + in4) * 2 ** CONSTANT_BITS + half;
  const difference = (in0 - in4) * 2 ** CONSTANT_BITS + half;
  const even0 = sum + high;
  const even3 = sum - high;
  const even1 = difference + low;
  const even2 = difference - low;

  const oddTurn = (in7 + in3 + in5 + in1) * F1_175;
  const z1 = (in7 + in1) * -F0_899;
  const z2 = (in5 + in3) * -F2_562;
  const z3 = (in7 + in3) * -F1_961 + oddTurn;
  const z4 = (in5 + in1) * -F0_390 + oddTurn;
  const odd3 = in7 * F0_298 + z1 + z3;
  const odd2 = in5 * F2_053 + z2 + z4;
  const odd1 = in3 * F3_072 + z2 + z3;
  const odd0 = in1 * F1_501 + z1 + z4;

  block[at] = (even0 + odd0) >> shift;
  block[at + 7 * step] = (even0 - odd0) >> shift;
  block[at + step] = (even1 + odd1) >> shift;
  block[at + 6 * step] = (even1 - odd1) >> shift;
  block[at + 2 * step] = (even2 + odd2) >> shift;
  block[at + 5 * step] = (even2 - odd2) >> shift;
  block[at + 3 * step] = (even3 + odd3) >> shift;
  block[at + 4 * step] = (even3 - odd3) >> shift;
}

/**
 * Writes the 8 x 8 samples of a block of coefficients, in natural order and times their quantization steps, to
 * `samples` at `to`, rows `stride` apart. Leaves the block full of zeros.
 */
export function inverseDct(
  block: Int32Array,
  isFlat: boolean,
  samples: Uint8Array,
  to: number,
  stride: number,
): void {
  if (isFlat) {
    const level = clamped((block[0]! * 2 ** PASS_BITS + 16) >> (PASS_BITS + 3));
    for (let y = 0; y < 8; y++) samples.fill(level, to + y * stride, to + y * stride + 8);
    block[0] = 0;
    return;
  }
  for (let x = 0; x < 8; x++) transform(block, x, 8, CONSTANT_BITS - PASS_BITS);
  for (let y = 0; y < 8; y++) {
    transform(block, y * 8, 1, CONSTANT_BITS + PASS_BITS + 3);
    const row = to + y * stride;
    for (let x = 0; x < 8; x++) samples[row + x] = clamped(block[y * 8 + x]!);
  }
  block.fill(0);
}

/** A sample around 0 as a byte. */
function clamped(sample: number): number {
  return sample < -128 ? 0 : sample > 127 ? 255 : sample + 128;
}
