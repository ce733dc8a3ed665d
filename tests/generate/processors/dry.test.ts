import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Dry, type DryOptions } from '../../../src/generate/processors/dry.js';
import { PromptNgrams } from '../../../src/generate/processors/prompt_ngrams.js';
import { SequenceBreakers } from '../../../src/generate/processors/sequence_breakers.js';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.js';
import { holds } from '../../support/property.js';

/** Tokens of one to three letters, so that a text is cut in several ways. */
const WORDS = ['a', 'b', 'c', 'ab', 'ba', 'abc', 'cab', 'bb'];
const tokenizer = {
  vocabSize: WORDS.length,
  tokenBytes: (id: number) => new TextEncoder().encode(WORDS[id]),
} as unknown as Tokenizer;
/** The last ids have no text. */
const V = WORDS.length + 2;
const textOf = (tokens: readonly number[]) => tokens.map((id) => WORDS[id] ?? '').join('');

const someTokens = fc.array(fc.integer({ min: 0, max: V - 1 }), { maxLength: 30 });

/** How many tokens follow the one in which a breaker ends last; all if there is none. */
function unbroken(tokens: readonly number[], breakers: readonly string[]): number {
  for (let length = tokens.length; length > 0; length--) {
    const [with_, without] = [textOf(tokens.slice(0, length)), textOf(tokens.slice(0, length - 1))];
    const ends = breakers.some(
      (breaker) => with_.indexOf(breaker, Math.max(0, without.length - breaker.length + 1)) !== -1,
    );
    if (ends) return tokens.length - length;
  }
  return tokens.length;
}

/** The penalties [V] by the definition: each earlier place is compared with the end of the text. */
function literalPenalties(
  text: readonly number[],
  options: DryOptions,
  breakers: readonly string[],
): number[] {
  const { multiplier, base, allowedLength, lastN } = options;
  const window = lastN === -1 ? text : text.slice(Math.max(0, text.length - lastN));
  const most = Math.min(window.length, unbroken(text, breakers));
  return Array.from({ length: V }, (_, token) => {
    if (breakers.some((breaker) => (WORDS[token] ?? '').includes(breaker))) return 0;
    let longest = -1;
    for (let at = 1; at < window.length; at++) {
      if (window[at] !== token) continue;
      let length = 0;
      while (length < Math.min(at, most) && window[at - 1 - length] === window.at(-1 - length)) length++;
      longest = Math.max(longest, length);
    }
    return longest >= allowedLength ? multiplier * base ** (longest - allowedLength) : 0;
  });
}

const TITLE = 'DRY penalises what continues repetitions, as its definition says';
test(TITLE, async () => {
  const inputs = fc.record({
    prompt: someTokens,
    generated: someTokens,
    multiplier: fc.constantFrom(0.5, 1),
    base: fc.constantFrom(1, 1.75),
    allowedLength: fc.integer({ min: 0, max: 4 }),
    lastN: fc.constantFrom(-1, 0, 1, 5, 20, 1000),
    breakers: fc.subarray(['c', 'bb', 'abab', 'z']),
  });
  const check = async ({
    prompt,
    generated,
    breakers,
    ...options
  }: typeof inputs extends fc.Arbitrary<infer T> ? T : never) => {
    const dry = new Dry(options, new SequenceBreakers(breakers, tokenizer), prompt);
    for (const token of generated) dry.push(token);
    const logits = new Float32Array(V);
    dry.apply(logits);
    const expected = literalPenalties([...prompt, ...generated], options, breakers);
    for (const [id, penalty] of expected.entries()) {
      assert.ok(Math.abs(logits[id]! + penalty) <= 1e-5 * penalty, `token ${id}: ${logits[id]}, ${-penalty}`);
    }
  };
  await holds(TITLE, inputs, check, 1500);
});

test('a penalty never becomes infinite', () => {
  const options = { multiplier: 100, base: 100, allowedLength: 0, lastN: -1 };
  const dry = new Dry(options, new SequenceBreakers([], tokenizer), new Array(500).fill(1));
  const logits = new Float32Array(V);
  dry.apply(logits);
  assert.equal([...logits], [...Float32Array.from({ length: V }, (_, id) => (id === 1 ? -1e30 : 0))]);
});

const NGRAMS = 'n-grams of the prompt alone are not repeated';
test(NGRAMS, async () => {
  const inputs = fc.tuple(someTokens, someTokens, fc.integer({ min: 1, max: 5 }));
  await holds(
    NGRAMS,
    inputs,
    async ([prompt, generated, n]) => {
      const processor = new PromptNgrams(n, prompt, prompt);
      for (const token of generated) processor.push(token);
      const logits = new Float32Array(V);
      processor.apply(logits);
      const text = [...prompt, ...generated];
      const end = text.slice(text.length - (n - 1));
      for (const [id, logit] of logits.entries()) {
        const gram = [...(n === 1 ? [] : end), id].join();
        const isRepeated = prompt.some(
          (_, at) => at + n <= prompt.length && prompt.slice(at, at + n).join() === gram,
        );
        assert.is(logit, isRepeated && text.length >= n - 1 ? Number.NEGATIVE_INFINITY : 0, `token ${id}`);
      }
    },
    1500,
  );
});

test.run();
