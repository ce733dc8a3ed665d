import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Interval, TOTAL } from '../../../src/examine/compression/distribution.js';
import { RangeDecoder, RangeEncoder } from '../../../src/examine/compression/range_coder.js';
import { holds } from '../../support/property.js';
import { thrown } from '../../support/thrown.js';

/** Intervals of all sizes, also those at the ends, which carry furthest. */
const size = fc.oneof(
  fc.integer({ min: 1, max: TOTAL }),
  fc.constantFrom(1, 2, TOTAL / 2, TOTAL - 1, TOTAL),
  fc.nat(32).map((bits) => 2 ** bits),
);
const interval = fc
  .tuple(size, fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })))
  .map(([length, at]): Interval => ({ start: Math.floor(at * (TOTAL - length)), size: length }));

function coded(intervals: readonly Interval[]): Uint8Array {
  const encoder = new RangeEncoder();
  for (const one of intervals) encoder.encode(one);
  return encoder.finish();
}

test('the code lies in all intervals, and has as many bits as they need', async () => {
  await holds(
    'intervals',
    fc.array(interval, { maxLength: 200, size: 'max' }),
    async (intervals) => {
      const code = coded(intervals);
      const decoder = new RangeDecoder(code);
      for (const one of intervals) {
        const value = decoder.peek();
        assert.ok(value >= one.start && value < one.start + one.size, `${value} in ${JSON.stringify(one)}`);
        decoder.skip(one);
      }
      const bits = intervals.reduce((sum, one) => sum - Math.log2(one.size / TOTAL), 0);
      // The end takes at most two bytes more than the last bit.
      assert.ok(8 * code.length <= bits * (1 + 1e-6) + 16, `${code.length} bytes for ${bits} bits`);
    },
    300,
  );
});

test('bytes come back', () => {
  const encoder = new RangeEncoder();
  for (let byte = 0; byte < 256; byte++) encoder.encodeByte(byte);
  const code = encoder.finish();
  assert.ok(code.length <= 257);
  const decoder = new RangeDecoder(code);
  for (let byte = 0; byte < 256; byte++) assert.is(decoder.decodeByte(), byte);
});

test('a code that has ended is noticed, and one that is in no interval', async () => {
  const decoder = new RangeDecoder(coded([{ start: 1, size: 1 }]));
  await thrown(
    () => {
      for (let i = 0; i < 20; i++) decoder.decodeByte();
    },
    'invalid-file',
    /end too early/,
  );
  const last = new RangeDecoder(new Uint8Array(8).fill(255));
  // After three quarters of the numbers, the rest of the range is not a multiple of TOTAL.
  last.skip({ start: 0, size: TOTAL - 1 });
  await thrown(() => last.peek(), 'invalid-file', /no text/);
});

test.run();
