import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { typoEffects } from '../../../src/examine/robustness/typo_effect.js';
import { TYPO_KINDS, withTypos } from '../../../src/examine/robustness/typos.js';
import { loadModel } from '../../../src/index.js';
import { holds } from '../../support/property.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';

const TEXT = fc
  .array(fc.constantFrom('a', 'b', 'é', 'e\u0301', 'ß', '語', '😀', ' ', '\n', '.', '1', "'", '\u0301'), {
    maxLength: 40,
  })
  .map((parts) => parts.join(''));
const isLetter = /^\p{L}\p{M}*$/u;
/** Letters with their marks; every other character stands alone. */
const split = (text: string) => text.match(/\p{L}\p{M}*|./gsu) ?? [];

test('a typo changes letters of one word each, and nothing else', () =>
  holds(
    'typos',
    fc.tuple(TEXT, fc.constantFrom(...TYPO_KINDS), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat()),
    async ([text, kind, rate, seed]) => {
      assert.equal(withTypos(text, kind, 0, seed), { text, typos: 0 });
      const { text: changed, typos } = withTypos(text, kind, rate, seed);
      assert.equal(withTypos(text, kind, rate, seed), { text: changed, typos });
      const others = (all: string[]) => all.filter((part) => !isLetter.test(part)).join('');
      assert.is(others(split(changed)), others(split(text)));
      // Between the same other characters stand the words, in the same number.
      const wordsOf = (all: string) => all.split(/[^\p{L}\p{M}]+/u);
      const [before, after] = [wordsOf(text), wordsOf(changed)];
      assert.is(after.length, before.length);
      const pairs = before.map((word, i) => [word, after[i]!] as const).filter(([a, b]) => a !== b);
      assert.is(pairs.length, typos);
      for (const [a, b] of pairs) {
        const difference = split(b).length - split(a).length;
        assert.is(difference, { swap: 0, drop: -1, double: 1 }[kind], `${a}, ${b}`);
        if (kind === 'swap') assert.equal(split(b).sort(), split(a).sort());
      }
    },
    300,
  ));

test('at rate 1 every word of two letters or more has a typo, and those of lower rates are a part of them', () => {
  const text = 'The quick brown fox jumps over a lazy dog, I say. '.repeat(40);
  for (const kind of ['drop', 'double'] as const) assert.is(withTypos(text, kind, 1, 7).typos, 40 * 9);
  const texts = [0.05, 0.2, 0.5, 1].map((rate) => withTypos(text, 'drop', rate, 7).text.split(' '));
  const words = text.split(' ');
  let last = 0;
  for (const [i, some] of texts.entries()) {
    const changed = words.flatMap((word, at) => (some[at] === word ? [] : [at]));
    assert.ok(changed.length > last);
    last = changed.length;
    for (const at of changed) for (const more of texts.slice(i)) assert.is(more[at], some[at]);
  }
  const { typos } = withTypos(text, 'swap', 0.2, 11);
  assert.ok(typos > 40 && typos < 110, `${typos} of 360`);
  assert.is.not(withTypos(text, 'drop', 0.5, 1).text, withTypos(text, 'drop', 0.5, 2).text);
});

test('effects are those of the scores of the texts with typos, per word of the original', async () => {
  const model = await loadModel(storiesTiny, { build: 'simd' });
  const text = 'Once upon a time there was a little dog who liked to play in the garden with his friend.';
  const progress: { done: number; total: number }[] = [];
  const { words, tokens, logprob, perplexityPerWord, effects } = await typoEffects(model, text, {
    ...{ kinds: ['double', 'swap'], rates: [0, 0.3], seed: 5 },
    onProgress: (each) => progress.push(each),
  });
  assert.equal(progress.at(-1), { done: 5, total: 5 });
  assert.is(words, 19);
  const original = await model.score(text);
  assert.is(logprob, original.sum);
  assert.is(tokens, original.tokens.length);
  assert.ok(Math.abs(perplexityPerWord! / Math.exp(-original.sum / 19) - 1) < 1e-9);
  assert.equal(
    effects.map(({ kind, rate }) => [kind, rate]),
    [
      ['double', 0],
      ['double', 0.3],
      ['swap', 0],
      ['swap', 0.3],
    ],
  );
  for (const effect of effects) {
    const misspelt = withTypos(text, effect.kind, effect.rate, 5);
    const score = await model.score(misspelt.text);
    assert.is(effect.logprob, score.sum);
    assert.is(effect.tokens, score.tokens.length);
    assert.is(effect.typos, misspelt.typos);
    assert.ok(Math.abs(effect.ratio! / Math.exp((original.sum - score.sum) / 19) - 1) < 1e-9);
    assert.ok(Math.abs(effect.perplexityPerWord! / (effect.ratio! * perplexityPerWord!) - 1) < 1e-9);
    assert.is(effect.ratio! > 1, effect.rate > 0);
  }
  // A word of so many tokens has a perplexity that no number holds.
  const unbroken = await typoEffects(model, 'xq'.repeat(200), { kinds: ['drop'], rates: [0, 1] });
  assert.is(unbroken.words, 1);
  assert.ok(Number.isFinite(unbroken.logprob) && unbroken.logprob < -1000);
  assert.is(unbroken.perplexityPerWord, undefined);
  assert.is(unbroken.effects[0]!.perplexityPerWord, undefined);
  assert.is(unbroken.effects[0]!.ratio, 1);
  await thrown(() => typoEffects(undefined as never, 'a b'), 'invalid-option', 'model is undefined');
  await thrown(() => typoEffects(model, ' \n'), 'invalid-option', 'with words');
  await thrown(() => typoEffects(model, 'a b', { kinds: ['add'] } as never), 'invalid-option', 'kinds[0]');
  await thrown(() => typoEffects(model, 'a b', { rates: [1.5] }), 'invalid-option', 'rates[0]');
  await thrown(() => typoEffects(model, 'a b', { rates: [] }), 'invalid-option', 'rates');
  await thrown(() => typoEffects(model, 'a b', { seed: -1 }), 'invalid-option', 'seed');
  await thrown(() => typoEffects(model, 'a b', { signal: AbortSignal.abort() }), 'aborted');
  model.dispose();
});

test.run();
