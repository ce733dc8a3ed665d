import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dequantize } from '../../src/dtypes/dequantize.js';
import '../../src/dtypes/rare_blocks.js';
import type { BlockType } from '../../src/dtypes/tensor_types.js';
import { assertSame } from '../checkpoints/gguf/models.js';
import { TENSOR_TYPES } from '../checkpoints/gguf/writer.js';
import { randomSource } from '../support/random.js';
import { decode, encode, fromHalf, HALVES, toHalf } from './blocks.js';

const TYPES = Object.keys(HALVES) as BlockType[];
const random = randomSource(7);

/** Some blocks of random bytes whose half-precision numbers are finite. */
function randomBytes(type: BlockType, blocks: number): Uint8Array {
  const { bytes } = TENSOR_TYPES[type];
  const stored = Uint8Array.from({ length: blocks * bytes }, () => random.below(256));
  for (let block = 0; block < blocks; block++) {
    // The largest exponents of MXFP4 overflow.
    if (type === 'MXFP4') stored[block * bytes]! &= 0xf7;
    for (const at of HALVES[type]) {
      if ((stored[block * bytes + at + 1]! & 0x7c) === 0x7c) stored[block * bytes + at + 1]! -= 0x40;
    }
  }
  return stored;
}

function dequantized(type: BlockType, stored: Uint8Array): Float32Array {
  const { weights, bytes } = TENSOR_TYPES[type];
  const out = new Float32Array((stored.length / bytes) * weights);
  dequantize(type, stored, out);
  return out;
}

for (const type of TYPES) {
  test(`${type}: random blocks decode to the definition's values, bit for bit`, () => {
    const stored = randomBytes(type, 300);
    const wanted = decode(type, stored);
    assert.ok(wanted.every(Number.isFinite));
    assertSame(dequantized(type, stored), wanted);
  });

  test(`${type}: blocks may begin at any byte`, () => {
    const stored = randomBytes(type, 3);
    const moved = new Uint8Array(stored.length + 1);
    moved.set(stored, 1);
    assertSame(dequantized(type, moved.subarray(1)), decode(type, stored));
  });
}

for (const [type, steps] of Object.entries({ Q8_0: 254, Q4_0: 15, Q4_1: 15, Q5_0: 31, Q5_1: 31 })) {
  test(`${type}: encoded weights come back within a step`, () => {
    const values = Float32Array.from({ length: 3200 }, () => random.uniform() - 0.5);
    const back = dequantized(type as BlockType, encode(type as BlockType, values));
    // A symmetric type has a step of range / 2^bits, and clips the far end by up to a step.
    for (const [i, value] of values.entries()) {
      assert.ok(Math.abs(back[i]! - value) <= 1.1 / steps, `${value} became ${back[i]}`);
    }
  });
}

test('every half-precision scale is decoded exactly', () => {
  for (let bits = 0; bits < 2 ** 16; bits++) {
    const stored = new Uint8Array(34);
    stored.set([bits & 255, bits >> 8, 1]);
    const [value] = dequantized('Q8_0', stored);
    const wanted = fromHalf(bits);
    if (!Object.is(value, wanted)) assert.unreachable(`${bits}: ${value} in place of ${wanted}`);
    // The test's own encoder and decoder undo each other.
    if (!Number.isNaN(wanted)) assert.is(toHalf(wanted), bits);
  }
});

test('known numbers', () => {
  assert.equal([0x3c00, 0xc000, 0x7bff, 0x0001, 0x3555].map(fromHalf), [
    1,
    -2,
    65504,
    2 ** -24,
    0.333251953125,
  ]);
  assert.equal([0.1, 65519, 2 ** -25, -1e9].map(toHalf), [0x2e66, 0x7bff, 0, 0xfc00]);
});

test.run();
