import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DROPOUTS_OFFSET, STRUCT_BYTES, writeMicrobatch } from '../../../src/core/training/structs.js';

test('dropout drops its rate of 2^32 values and scales the others by 1 / (1 - rate)', () => {
  const view = new DataView(new ArrayBuffer(STRUCT_BYTES));
  const numbers = { batch: 1, length: 1, starts: 0, scale: 1, seed: 7, microbatch: 9 };
  writeMicrobatch(view, 0, { ...numbers, rates: [0, 0.25, 0.9] });
  const wanted = [
    [0, 1],
    [2 ** 30, 4 / 3],
    [Math.round(0.9 * 2 ** 32), 10],
  ] as const;
  for (const [i, [threshold, scale]] of wanted.entries()) {
    const at = DROPOUTS_OFFSET + 16 * i;
    assert.is(view.getUint32(at, true), 7);
    assert.is(view.getUint32(at + 4, true), 9);
    assert.is(view.getUint32(at + 8, true), threshold);
    assert.is(view.getFloat32(at + 12, true), Math.fround(scale));
  }
});

test.run();
