import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { StopStrings } from '../../src/generate/stop_strings.js';
import { randomSource } from '../support/random.js';
import { assertGrowth, leastWork } from '../support/work.js';

/** The position to cut the text at and the stop string, by the definition: tries every end of the text. */
function cut(text: string, stops: readonly string[]): { text: string; matched: string | undefined } {
  for (let end = 1; end <= text.length; end++) {
    const matches = stops.filter((stop) => text.slice(0, end).endsWith(stop));
    if (matches.length === 0) continue;
    const matched = matches.reduce((a, b) => (b.length > a.length ? b : a));
    return { text: text.slice(0, end - matched.length), matched };
  }
  return { text, matched: undefined };
}

test('random texts in random pieces are cut where the definition says', () => {
  const random = randomSource(1);
  const word = (longest: number) =>
    Array.from({ length: 1 + random.below(longest) }, () => random.pick(['a', 'b', 'c'])).join('');
  let stopped = 0;
  for (let round = 0; round < 3000; round++) {
    const stops = Array.from({ length: random.below(4) }, () => word(6));
    const text = word(30);
    const matcher = new StopStrings(stops);
    let given = '';
    for (let at = 0; at < text.length; ) {
      const size = random.below(5);
      given += matcher.push(text.slice(at, at + size));
      at += size;
    }
    given += matcher.end();
    assert.equal(
      { text: given, matched: matcher.matched },
      cut(text, stops),
      JSON.stringify({ text, stops }),
    );
    if (matcher.matched !== undefined) stopped++;
  }
  assert.ok(stopped > 500 && stopped < 2500, `${stopped} of 3000 rounds ended at a stop string`);
});

test('one stop string cuts at indexOf', () => {
  const random = randomSource(2);
  for (let round = 0; round < 1000; round++) {
    const text = Array.from({ length: 40 }, () => random.pick(['a', 'b'])).join('');
    const stop = Array.from({ length: 1 + random.below(7) }, () => random.pick(['a', 'b'])).join('');
    const matcher = new StopStrings([stop]);
    const given = [...text].map((character) => matcher.push(character)).join('') + matcher.end();
    const at = text.indexOf(stop);
    assert.is(given, at < 0 ? text : text.slice(0, at));
  }
});

test('exactly the end that could become a stop string is held back', () => {
  const matcher = new StopStrings(['###', 'User:']);
  assert.is(matcher.push('Hi #'), 'Hi ');
  assert.is(matcher.push('#'), '');
  assert.is(matcher.push('!U'), '##!');
  assert.is(matcher.push('se'), '');
  assert.is(matcher.push('d U'), 'Used ');
  assert.is(matcher.push('ser: x'), '');
  assert.is(matcher.matched, 'User:');
  assert.is(matcher.push('more'), '');
  assert.is(matcher.end(), '');
});

test('without stop strings everything passes at once', () => {
  const matcher = new StopStrings([]);
  assert.is(matcher.push('text'), 'text');
  assert.is(matcher.end(), '');
});

test('time grows linearly where a naive search would be quadratic', async () => {
  const time = (length: number) =>
    leastWork(() => {
      const matcher = new StopStrings([`${'a'.repeat(length / 2)}b`]);
      for (let i = 0; i < length; i++) matcher.push('a');
    });
  time(20_000);
  await assertGrowth(
    () => time(160_000),
    () => time(20_000),
    30,
    '8 times the text',
  );
});

test.run();
