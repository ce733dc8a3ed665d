import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decode } from '../../src/weights/gguf/decode.js';
import { encode, toHalf as packageHalf, type WrittenType } from '../../src/weights/gguf/encode.js';
import { randomSource } from '../support/random.js';
import { encode as literalEncode, toHalf as literalHalf } from './blocks.js';

const random = randomSource(77);
const { fround } = Math;

/** Numbers of very different size and both signs, some of them 0. */
function numbers(count: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count }, () => {
    const size = 2 ** (random.below(24) - 16);
    return random.below(20) === 0 ? 0 : (random.uniform() - 0.5) * size;
  });
}

function encoded(type: WrittenType, x: Float32Array, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes + 3).fill(0xee);
  assert.ok(encode(type, x, 0, x.length, out, 2));
  assert.equal([out[0], out[1], out[bytes + 2]], [0xee, 0xee, 0xee]);
  return out.slice(2, -1);
}

test('halves are the nearest ones, ties to even', () => {
  const ties = Array.from({ length: 3000 }, (_, i) =>
    fround(2 ** ((i % 45) - 27) * (1 + (2 * i + 1) / 2 ** 12)),
  );
  const x = Float32Array.from([
    0,
    -0,
    65504,
    65519,
    65520,
    1e9,
    2 ** -25,
    2 ** -24,
    Infinity,
    ...ties,
    ...numbers(5000),
  ]);
  for (const value of x) {
    assert.is(packageHalf(value), literalHalf(value), String(value));
    assert.is(packageHalf(-value), literalHalf(-value), String(-value));
  }
});

test('F32 and F16 come back', () => {
  const x = numbers(1001);
  const wide = new Float32Array(x.length);
  decode('F32', encoded('F32', x, 4 * x.length), wide);
  assert.equal(wide, x);
  assert.equal(encoded('F16', x, 2 * x.length), literalEncode('F16', x));
});

/** The definition of the core's q8, one weight at a time, in single precision. */
function literalQ8(x: readonly number[]): number[] {
  const half = literalHalf(fround(Math.max(...x.map(Math.abs)) / 127));
  const scale = new Float32Array(1);
  decode('F16', Uint8Array.of(half, half >> 8), scale);
  const quants = x.map((value) => {
    const multiple = fround(value / scale[0]!);
    const below = Math.floor(multiple);
    const rest = multiple - below;
    const nearest = rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
    return scale[0] === 0 && value === 0 ? 0 : Math.max(-127, Math.min(127, nearest));
  });
  return [half & 255, half >> 8, ...quants.map((quant) => quant & 255)];
}

/** quantize_row_q4_0_ref by its description: d from the number of largest magnitude, the first of equal ones. */
function literalQ4(x: readonly number[]): number[] {
  const largest = x.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
  const d = fround(largest / -8);
  const inverse = d === 0 ? 0 : fround(1 / d);
  const quants = x.map((value) => Math.min(15, Math.trunc(fround(fround(value * inverse) + 8.5))));
  const half = literalHalf(d);
  return [half & 255, half >> 8, ...quants.slice(0, 16).map((low, i) => low + 16 * quants[i + 16]!)];
}

for (const [type, bytes, literal] of [
  ['Q8_0', 34, literalQ8],
  ['Q4_0', 18, literalQ4],
] as const) {
  test(`${type} is what its definition says`, () => {
    const zeros = new Float32Array(32);
    const ties = Float32Array.from({ length: 32 }, (_, i) => (i === 5 ? -127 : i - 15.5));
    for (const x of [zeros, ties, ...Array.from({ length: 400 }, () => numbers(32))]) {
      assert.equal([...encoded(type, x, bytes)], literal([...x]));
    }
    const several = numbers(320);
    const wanted = Array.from({ length: 10 }, (_, i) => literal([...several.subarray(32 * i, 32 * i + 32)]));
    assert.equal([...encoded(type, several, 10 * bytes)], wanted.flat());
  });
}

test('what a type cannot hold is told', () => {
  const out = new Uint8Array(128);
  const isHeld = (type: WrittenType, value: number) => {
    const x = numbers(32);
    x[random.below(32)] = value;
    return encode(type, x, 0, 32, out, 0);
  };
  for (const type of ['F16', 'Q8_0', 'Q4_0'] as const) {
    for (const value of [Infinity, -Infinity, Number.NaN])
      assert.not.ok(isHeld(type, value), `${type} ${value}`);
  }
  assert.ok(isHeld('F16', -65504));
  assert.not.ok(isHeld('F16', 65520));
  assert.ok(isHeld('Q8_0', 127 * 65504));
  assert.not.ok(isHeld('Q8_0', 128 * 65504));
  assert.ok(isHeld('Q4_0', -8 * 65504));
  assert.not.ok(isHeld('Q4_0', 9 * 65504));
});

test.run();
