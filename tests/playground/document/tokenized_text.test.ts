import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { endOfGenerated, moved } from '../../../src/playground/document/generated_spans.js';
import {
  changeBetween,
  edited,
  headOf,
  type TextToken,
  withLineFeeds,
} from '../../../src/playground/document/tokenized_text.js';
import { readAhead } from '../../../src/playground/write/read_ahead.js';
import { nextScoringWindow, withLogprobs } from '../../../src/playground/write/scoring_window.js';

const writing = suite('writing of the playground');

const tokens = (...texts: string[]): TextToken[] => texts.map((text, id) => ({ id, text }));

writing('the change between two texts makes one of the other, and reaches a given offset', () => {
  const texts = ['', 'a', 'aa', 'aaa', 'abc', 'abXc', 'Xabc', 'abcabc', 'bca'];
  for (const before of texts) {
    for (const after of texts) {
      for (let end = 0; end <= after.length; end++) {
        const { at, removed, added } = changeBetween(before, after, end);
        assert.is(before.slice(0, at) + added + before.slice(at + removed), after);
        assert.ok(at + added.length >= end, `${before}, ${after}, ${end}`);
      }
    }
  }
});

writing(
  'an edit keeps the tokens before it; a token with a part of a character goes with that character',
  () => {
    const before = { text: 'one two three', tokens: tokens('one', ' two', ' three') };
    assert.equal(edited(before, 'one too three').tokens, before.tokens.slice(0, 1));
    assert.equal(edited(before, 'one two three').tokens, before.tokens);
    const split = { text: 'a\u{1F600}b', tokens: tokens('a', '', '\u{1F600}', 'b') };
    assert.equal(headOf(split, 1), { text: 'a', tokens: split.tokens.slice(0, 1) });
    assert.equal(headOf(split, 3).tokens, split.tokens.slice(0, 3));
  },
);

writing('line breaks are those of a text area', () => {
  assert.is(withLineFeeds('a\r\nb\rc\nd'), 'a\nb\nc\nd');
});

writing('generated text moves with edits around it, and is a person\u2019s once it is changed', () => {
  const span = { from: 5, to: 10, hasEnded: false };
  assert.equal(moved(span, { at: 10, removed: 2, added: 'xyz' }), span);
  assert.equal(moved(span, { at: 0, removed: 1, added: 'xyz' }), { ...span, from: 7, to: 12 });
  assert.equal(moved(span, { at: 5, removed: 0, added: 'x' }), { ...span, from: 6, to: 11 });
  for (const change of [
    { at: 6, removed: 0, added: 'x' },
    { at: 9, removed: 1, added: '' },
    { at: 3, removed: 3, added: '' },
    { at: 0, removed: 20, added: '' },
  ])
    assert.is(moved(span, change), undefined, JSON.stringify(change));
});

writing('the end of generated text: through all generations that follow one another', () => {
  const spans = [
    { from: 20, to: 30, hasEnded: false },
    { from: 5, to: 10, hasEnded: false },
    { from: 10, to: 15, hasEnded: false },
  ];
  assert.is(endOfGenerated(spans, 7), 15);
  assert.is(endOfGenerated(spans, 5), 15);
  assert.is(endOfGenerated(spans, 3), 3);
  assert.is(endOfGenerated(spans, 16), 16);
});

writing(
  'windows judge every token once, after half a context at least, and take the text of a context at once',
  () => {
    for (const contextLength of [4, 8, 32]) {
      for (const count of [1, 2, 4, 8, 9, 31, 100]) {
        let found: TextToken[] = tokens(...Array<string>(count).fill('x'));
        let windows = 0;
        for (;;) {
          const window = nextScoringWindow(found, 0, count, contextLength);
          if (window === undefined) break;
          windows++;
          const { start, from, end } = window;
          assert.ok(end - start <= contextLength && start < from && from < end);
          assert.ok(start === 0 || from - start >= Math.floor(contextLength / 2));
          // Log-probabilities of tokens start + 1 to end; here the index of each token.
          const logprobs = Array.from({ length: end - start - 1 }, (_, i) => start + 1 + i);
          found = withLogprobs(found, window, logprobs);
        }
        assert.equal(
          found.map(({ logprob }) => logprob),
          found.map((_, i) => (i === 0 ? undefined : i)),
        );
        if (count <= contextLength) assert.ok(windows <= 1);
      }
    }
  },
);

writing('only what is wanted is withLogprobs', () => {
  const all = tokens(...Array<string>(100).fill('x'));
  assert.equal(nextScoringWindow(all, 50, 60, 16), { start: 42, from: 50, end: 58 });
  const known = all.map((token, i) => (i >= 50 && i < 60 ? { ...token, logprob: -1 } : token));
  assert.is(nextScoringWindow(known, 50, 60, 16), undefined);
});

writing('items are asked for ahead, given in order, and none after the end', async () => {
  let asked = 0;
  const iterator = {
    async next(): Promise<IteratorResult<number, undefined>> {
      const value = asked++;
      if (value < 5) return { done: false, value };
      if (value === 5) return { done: true, value: undefined };
      throw new Error('asked after the end');
    },
  };
  const given: number[] = [];
  const ahead: number[] = [];
  for await (const value of readAhead(iterator, 3)) {
    given.push(value);
    ahead.push(asked - value);
  }
  assert.equal(given, [0, 1, 2, 3, 4]);
  assert.equal(ahead, [4, 4, 4, 4, 4], 'three beyond the one that is given');

  const failing = { next: () => Promise.reject(new Error('lost')) };
  try {
    for await (const _ of readAhead(failing, 3));
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'lost');
  }
});

writing.run();
