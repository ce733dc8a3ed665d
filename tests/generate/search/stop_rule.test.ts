import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stopRule } from '../../../src/generate/search/stop_rule.js';
import { StopStrings } from '../../../src/generate/stop_strings.js';
import { fakeTokenizer } from '../../support/fake_tokenizer.js';
import { randomSource } from '../../support/random.js';

/** The number of tokens after which a stream of their text has a stop string; undefined if it never has. */
function streamed(tokens: readonly number[], stops: readonly string[], unshown: number): number | undefined {
  const decoder = fakeTokenizer.streamDecoder();
  const found = new StopStrings(stops);
  let hidden = unshown;
  for (const [at, token] of tokens.entries()) {
    const piece = decoder.push(token);
    found.push(piece.slice(hidden));
    hidden -= Math.min(hidden, piece.length);
    if (found.matched !== undefined) return at + 1;
  }
  return undefined;
}

test('a text ends at the token at which a stream ends, across tokens and parts of characters', () => {
  const random = randomSource(31);
  const parts = ['a', 'b', 'ab', 'é', '😀', 't', 'h', 'the ', '. ', '\ufffd'];
  let found = 0;
  for (let round = 0; round < 3000; round++) {
    const text = (most: number) =>
      Array.from({ length: 1 + random.below(most) }, () => random.pick(parts)).join('');
    const stops = Array.from({ length: 1 + random.below(3) }, () => text(random.pick([1, 2, 5])));
    const unshown = random.pick([0, 0, 1, 5]);
    // Tokens 31 to 38 are pieces and whole characters, 39 to 47 single bytes of characters.
    const ids = [1, 2, 20, 8, 31, 32, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44];
    const characters = [
      [39, 40],
      [41, 42, 43, 44],
    ];
    const tokens = Array.from({ length: 20 }, () =>
      random.uniform() < 0.3 ? random.pick(characters) : [random.pick(ids)],
    ).flat();
    const isStop = stopRule(stops, fakeTokenizer, unshown);
    let ended: number | undefined;
    for (let length = 1; length <= tokens.length && ended === undefined; length++) {
      if (isStop(tokens.slice(0, length))) ended = length;
    }
    assert.is(ended, streamed(tokens, stops, unshown), JSON.stringify({ stops, unshown, tokens }));
    if (ended !== undefined) found++;
  }
  assert.ok(found > 500 && found < 2500, `${found}`);
});

test('no stop string, no end', () => {
  assert.not(stopRule([], fakeTokenizer, 0)([1, 2, 3]));
});

test('however long the text is, only its end is decoded', () => {
  let decoded = 0;
  const counting = Object.create(fakeTokenizer, {
    streamDecoder: {
      value() {
        const decoder = fakeTokenizer.streamDecoder();
        const push = (id: number) => {
          decoded++;
          return decoder.push(id);
        };
        return { ...decoder, push };
      },
    },
  });
  const isStop = stopRule(['abc'], counting, 0);
  const tokens = new Array<number>(5000).fill(1);
  assert.not(isStop(tokens));
  assert.ok(isStop([...tokens, 2, 3]));
  assert.ok(decoded < 40, `${decoded} tokens`);
});

test.run();
