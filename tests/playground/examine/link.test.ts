import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { COLOURINGS } from '../../../src/examine/report/levels.js';
import {
  hashOf,
  type LinkState,
  MOST_CHARACTERS,
  MOST_SEED,
  stateOf,
} from '../../../src/playground/examine/link.js';
import { holds } from '../../support/property.js';

const states: fc.Arbitrary<LinkState> = fc.record(
  {
    text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }),
    colouring: fc.constantFrom(...COLOURINGS),
    start: fc.boolean(),
    seed: fc.nat(MOST_SEED),
  },
  { noNullPrototype: true },
);

test('a link gives back what it was made of', () =>
  holds(
    'links',
    states,
    async (state) => {
      const hash = hashOf(state)!;
      const { hash: sent } = new URL(hash, 'https://example.org/');
      assert.equal(stateOf(sent), state);
    },
    200,
  ));

test('a text that is too long for an address gets no link', () => {
  const state = { colouring: 'rank', start: true, seed: 0 } as const;
  const room = MOST_CHARACTERS - hashOf({ ...state, text: '' })!.length;
  assert.is(hashOf({ ...state, text: 'a'.repeat(room) })!.length, MOST_CHARACTERS);
  assert.is(hashOf({ ...state, text: 'a'.repeat(room + 1) }), undefined);
  assert.is(hashOf({ ...state, text: '\u00E9'.repeat(room) }), undefined);
  assert.is(stateOf(`#examine?text=${'a'.repeat(MOST_CHARACTERS)}`), undefined);
});

test('values of a link that are not valid are left out', () => {
  for (const hash of ['', '#examine', '#teach?text=a', '#examine?seed=1', '#examine?text=']) {
    assert.is(stateOf(hash), undefined, hash);
  }
  for (const seed of ['-1', '1.5', 'x', '4294967296', '']) {
    const hash = `#examine?text=a&seed=${seed}&colours=red&start=maybe`;
    assert.equal(stateOf(hash), seed === '' ? { text: 'a', seed: 0 } : { text: 'a' }, hash);
  }
});

test.run();
