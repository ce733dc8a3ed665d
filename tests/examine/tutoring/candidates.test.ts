import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { candidatesAt, isWord } from '../../../src/examine/tutoring/candidates.js';

/** A text of tokens, each with its alternatives. */
function examined(...tokens: readonly (readonly [text: string, ...top: string[]])[]) {
  let offset = 0;
  const placed = tokens.map(([text, ...top]) => {
    const start = offset;
    offset += text.length;
    return { id: 0, text, start, end: offset, top: top.map((text) => ({ id: 0, text, logprob: -1 })) };
  });
  return { text: placed.map(({ text }) => text).join(''), tokens: placed };
}

test('words have letters alone, and apostrophes and hyphens inside', () => {
  for (const word of ['dog', 'na\u00EFve', "don't", 'well-known', '\u0416\u0443\u043A', 'e\u0301t']) {
    assert.ok(isWord(word), word);
  }
  for (const other of ['', 'a', '12', 'dog.', '-dog', "dog'", 'a b', 'x2']) assert.not(isWord(other), other);
  assert.not(isWord('dog', 4));
});

test('candidates are the other words among the alternatives of the first token', () => {
  const examination = examined(
    ['The'],
    [' dog', ' cat', ' dog', ' 12', 'bird', ' Cat', ' DOG', ' cat', ' o', ' horse'],
    ['gy', ' not', ' these'],
  );
  assert.equal(candidatesAt(examination, { start: 4, end: 9 }, 9), ['cat', 'dog', 'horse']);
  assert.equal(candidatesAt(examination, { start: 4, end: 7 }, 9), ['cat', 'horse'], 'not the word itself');
  assert.equal(candidatesAt(examination, { start: 4, end: 9 }, 2), ['cat', 'dog']);
});

test('candidates have a capital where the word has one, and begin where the word begins', () => {
  const examination = examined([' said'], [' "'], ['Go', 'Run', 'run', ' Run', 'Walk']);
  assert.equal(candidatesAt(examination, { start: 7, end: 9 }, 9), ['Run', 'Walk']);
});

test.run();
