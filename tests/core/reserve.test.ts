import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../src/base/errors.js';
import { reserveMemory } from '../../src/core/reserve.js';
import type { AdapterHost } from '../../src/core/types.js';
import { thrown } from '../support/thrown.js';

const NO_ROOM = new Gpt2Error('out-of-memory', 'no room');

/** A host that has used some pages of 1 MiB, and whose memory is full or not. */
const host = (used: number, isFull: boolean) =>
  ({
    memory: {
      reserve: () => {
        if (isFull) throw NO_ROOM;
        return 64;
      },
    },
    stats: { pages: { used }, pageBytes: 2 ** 20 },
  }) as unknown as AdapterHost;

test('memory that is there is given', () => {
  assert.is(reserveMemory(host(3, false), 100, 'adapters'), 64);
});

test('the error says how much keys and values take, if they take any', async () => {
  const error = await thrown(
    () => reserveMemory(host(3, true), 100, 'adapters'),
    'out-of-memory',
    /no room for adapters beside keys and values, which take 3.0 MiB/,
  );
  assert.is(error.cause, NO_ROOM);
  assert.is(await thrown(() => reserveMemory(host(0, true), 100, 'adapters'), 'out-of-memory'), NO_ROOM);
});

test.run();
