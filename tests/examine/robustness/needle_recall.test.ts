import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { AnyModel } from '../../../src/examine/any_model.js';
import { needleRecall } from '../../../src/examine/robustness/needle_recall.js';
import { loadModel } from '../../../src/index.js';
import { remoteModels } from '../../../src/model/remote_models.js';
import { holds } from '../../support/property.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';

const START = 7;
const NEEDLE = { needle: ' N is 42!', question: ' N is', answer: ' 42' };

/** A model whose tokens are code points, and whose prompts `read` gets. */
function readerModel(contextLength: number, read: (prompt: string) => void): AnyModel {
  const model = {
    config: { contextLength, bosTokenId: START, eosTokenIds: [], vocabSize: 0x11_00_00 },
    loglikelihood: async (context: readonly number[]) => {
      read(String.fromCodePoint(...context));
      return { logprob: -1, tokenLogprobs: new Float32Array(), isGreedy: true };
    },
  } as unknown as AnyModel;
  remoteModels.set(model, async (_, args) => {
    const { texts } = args as { readonly texts: readonly string[] };
    return texts.map((text) => Array.from(text, (character) => character.codePointAt(0)!));
  });
  return model;
}

const FILLER = fc
  .array(fc.constantFrom('a', 'bc', ' ', 'd.', '?!', '\n', 'é', '😀'), { minLength: 1, maxLength: 30 })
  .map((parts) => parts.join(''));

test('prompts have the asked length, and the needle at the beginning of a sentence at or before its depth', () =>
  holds(
    'needles',
    fc.tuple(
      FILLER,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 15, max: 98 }), { minLength: 1, maxLength: 3 }),
    ),
    async ([filler, depths, lengths]) => {
      const prompts: string[] = [];
      const model = readerModel(100, (prompt) => prompts.push(prompt));
      const found = await needleRecall(model, NEEDLE, filler, { depths, lengths });
      assert.is(found.length, depths.length * lengths.length);
      assert.is(prompts.length, (depths.length + 1) * lengths.length);
      const characters = prompts.map((prompt) => Array.from(prompt));
      let at = 0;
      for (const length of lengths) {
        const hay = characters[at++]!;
        assert.is(hay.length, length);
        assert.not.ok(hay.join('').includes(NEEDLE.needle));
        for (const depth of depths) {
          const result = found.shift()!;
          const prompt = characters[at++]!;
          assert.equal([result.length, result.depth], [length, depth]);
          assert.is(prompt.length, length);
          assert.is(prompt[0], String.fromCodePoint(START));
          assert.is(prompt.slice(-5).join(''), NEEDLE.question);
          assert.is(prompt.slice(result.before, result.before + 9).join(''), NEEDLE.needle);
          const rest = [...prompt.slice(1, result.before), ...prompt.slice(result.before + 9, -5)];
          const endless = Array.from(filler.repeat(100));
          assert.is(rest.join(''), endless.slice(0, rest.length).join(''));
          const place = result.before - 1;
          assert.ok(place <= depth * rest.length + 1e-9);
          // A sentence ends with marks, or with the filler.
          const isBegun = place % Array.from(filler).length === 0 || /[.!?\n]/.test(rest[place - 1]!);
          assert.ok(depth === 1 ? place === rest.length : isBegun, JSON.stringify(prompt.join('')));
        }
      }
    },
    150,
  ));

test('a fact right before the question is recalled better than one that was never told', async () => {
  const model = await loadModel(storiesTiny, { build: 'simd' });
  const filler = 'The sun was warm. The birds sang in the tree. Mom and Dad were happy.\n';
  const needle = { needle: ' The dog has a red ball.', question: ' The dog has a', answer: ' red' };
  const progress: { done: number; total: number }[] = [];
  const found = await needleRecall(model, needle, filler, { onProgress: (each) => progress.push(each) });
  assert.is(found.length, 15);
  assert.equal(progress.at(-1), { done: 18, total: 18 });
  assert.is(found.at(-1)!.length, model.config.contextLength + 1 - model.tokenizer.encode(' red').length);
  for (const { depth, logprob, without } of found)
    if (depth === 1) assert.ok(logprob > without, `${logprob}, ${without}`);
  const { before, length, logprob } = found[4]!;
  const tokens = (text: string) => model.tokenizer.encode(text);
  const sentences = [' The sun was warm.', ' The birds sang in the tree.', ' Mom and Dad were happy.\n'];
  const hay = [
    tokens(sentences[0]!.slice(1)),
    ...sentences.slice(1).map(tokens),
    tokens(sentences[0]!.slice(1)),
  ];
  const endless = Array.from({ length: 40 }, (_, i) => hay[i % 3]!).flat();
  const prompt = [0, ...endless.slice(0, before - 1), ...tokens(needle.needle), ...tokens(needle.question)];
  assert.is(prompt.length, length);
  assert.is((await model.loglikelihood(prompt, tokens(' red'))).logprob, logprob);
  model.dispose();
});

test('lengths without room, depths outside the filler and empty texts are refused', async () => {
  const model = readerModel(100, () => {});
  const refused = (call: () => unknown, ...words: string[]) => thrown(call, 'invalid-option', ...words);
  await refused(() => needleRecall(model, NEEDLE, 'a.', { lengths: [14] }), 'lengths[0] is 14', '15 to 98');
  await refused(() => needleRecall(model, NEEDLE, 'a.', { lengths: [99] }), 'lengths[0] is 99');
  await refused(() => needleRecall(model, NEEDLE, 'a.', { depths: [-0.1] }), 'depths[0]');
  await refused(() => needleRecall(model, NEEDLE, 'a.', { depths: [] }), 'depths');
  await refused(() => needleRecall(model, NEEDLE, ''), 'filler');
  await refused(() => needleRecall(model, { ...NEEDLE, answer: '' }, 'a.'), 'answer');
  const small = readerModel(20, () => {});
  await thrown(
    () => needleRecall(small, { ...NEEDLE, answer: ' far too long' }, 'a.'),
    'context-full',
    'have 27 tokens',
    'context of 20; shorten them',
  );
  await refused(() => needleRecall(model, { ...NEEDLE, fact: '' } as never, 'a.'), 'fact');
});

test.run();
