import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sentenceEnd } from '../../../src/generate/filter/sentences.js';
import { randomSource } from '../../support/random.js';

/** The sentences of a whole text. */
function* sentencesOf(text: string): Generator<string, void> {
  let rest = text;
  while (rest !== '') {
    const sentence = rest.slice(0, sentenceEnd(rest));
    yield sentence;
    rest = rest.slice(sentence.length);
  }
}

test('a text is cut before the white space after a sentence, and before line breaks', () => {
  for (const sentences of [
    ['One.', ' Two!', ' Three?'],
    ['"Stop!"', ' he said.', ' "Why?"', ' "(No.)"', ' End'],
    ['Wait...', ' what?!', ' 3.14 is pi, they say.', ' ok'],
    ['Mr. Smith and Dr. Who met J. R. Ewing.', ' Then they left'],
    ['A title', '\n\nA line', '\nanother.', '\n'],
    ['これは文です。', 'そうですか？', '「はい！」', 'おわり'],
    ['mail a.b@example.com now.', ' bye'],
  ]) {
    assert.equal([...sentencesOf(sentences.join(''))], sentences);
  }
});

test('an end is only known once the next character is there', () => {
  for (const text of ['', 'One', 'One.', 'One."', 'はい。', '  '])
    assert.is(sentenceEnd(text), undefined, text);
  assert.is(sentenceEnd('One. '), 4);
  assert.is(sentenceEnd('はい。い'), 3);
});

test('a long sentence is cut at white space, or else between characters', () => {
  const words = 'word '.repeat(300);
  assert.is(sentenceEnd(words), 999);
  assert.is(sentenceEnd('x'.repeat(1001)), 1000);
  assert.is(sentenceEnd('x'.repeat(1000)), undefined);
  assert.is(sentenceEnd(`${'x'.repeat(999)}😀 `), 999);
});

test('cut where it comes in pieces, a text has the same sentences', () => {
  const random = randomSource(7);
  for (let round = 0; round < 300; round++) {
    const text = Array.from({ length: 40 }, () => random.pick([...'ab. ! "\n。…', 'Mr.', '. '])).join('');
    const found: string[] = [];
    let held = '';
    for (const character of text) {
      held += character;
      for (let end = sentenceEnd(held); end !== undefined; end = sentenceEnd(held)) {
        found.push(held.slice(0, end));
        held = held.slice(end);
      }
    }
    if (held !== '') found.push(held);
    assert.equal(found, [...sentencesOf(text)], JSON.stringify(text));
  }
});

test.run();
