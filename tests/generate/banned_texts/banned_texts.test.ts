import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../src/base/errors.js';
import type { GenerateOptions } from '../../../src/generate/options.js';
import { Session } from '../../../src/generate/session.js';
import { loadModel } from '../../../src/model/load_model.js';
import { idsOnly } from '../../../src/tokenizer/ids_only.js';
import { createWorkerModel } from '../../../src/worker/worker_model.js';
import { hasBanned } from '../../support/banned_in.js';
import { FakeCore } from '../../support/fake_core.js';
import { fakeTokenizer } from '../../support/fake_tokenizer.js';
import { holds } from '../../support/property.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';
import { unsaved } from '../../support/unsaved.js';

const open = (core = new FakeCore()) => new Session(core, fakeTokenizer, unsaved);

/** A core that wants to continue `prompt` with tokens of `script`. */
function scripted(prompt: string, script: readonly number[]): FakeCore {
  const core = new FakeCore();
  const start = fakeTokenizer.encode(prompt).length;
  core.logitsOf = (prefix) => {
    const next = script[prefix.length - start] ?? 1;
    return Array.from({ length: core.config.vocabSize }, (_, id) => (id === next ? 20 : -id / 10));
  };
  return core;
}

const word = fc.string({
  unit: fc.constantFrom('a', 'b', 't', 'h', 'e', ' ', '.', 'é', 'i'),
  minLength: 1,
  maxLength: 3,
});
const ways: fc.Arbitrary<GenerateOptions> = fc.oneof(
  fc.record({ seed: fc.nat() }),
  fc.record({ beams: fc.constant(3), returned: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ penaltyAlpha: fc.constant(0.4), topK: fc.constant(4) }),
  fc.record({ n: fc.constant(3), temperature: fc.constant(1.5), seed: fc.nat() }),
  fc.record({ speculate: fc.constant('prompt' as const), seed: fc.nat() }),
  fc.record({ temperature: fc.constant(0) }),
  fc.record({ topK: fc.constant(2), seed: fc.nat() }),
);

/** A generation whose end is certain: the token with a bias of 90 comes, and that with -90 does not. */
const ending = (logitBias: Record<number, number>, maxTokens: number, stop: string[] = []) => ({
  ways: { temperature: 0, logitBias },
  prompt: 'that a',
  bannedTexts: { texts: ['ab'], ignoreCase: true, ignoreAccents: false, wholeWords: false },
  ...{ maxTokens, stop, ignoreEos: false },
});
const ENDINGS = [
  ending({ 0: -90 }, 1),
  ending({ 0: -90 }, 40),
  ending({ 0: 90 }, 9),
  ending({ [fakeTokenizer.encode('z')[0]!]: 90 }, 9, ['z']),
];

test('no way to generate writes a banned text', async () => {
  const reasons = new Set<string>();
  await holds(
    'bannedTexts in generations',
    fc.record({
      ways,
      prompt: fc.string({ unit: fc.constantFrom('a', 't', 'h', ' '), minLength: 1, maxLength: 6 }),
      bannedTexts: fc.record({
        texts: fc.array(word, { minLength: 1, maxLength: 5 }),
        ignoreCase: fc.boolean(),
        ignoreAccents: fc.boolean(),
        wholeWords: fc.boolean(),
      }),
      maxTokens: fc.integer({ min: 1, max: 40 }),
      stop: fc.array(word, { maxLength: 2 }),
      ignoreEos: fc.boolean(),
    }),
    async ({ ways, prompt, ...rest }) => {
      const { choices } = await open().generate(prompt, { ...rest, ...ways });
      for (const { text, finishReason } of choices) {
        reasons.add(finishReason);
        assert.not(hasBanned(prompt, text, rest.bannedTexts), `${JSON.stringify(text)} ${finishReason}`);
      }
    },
    150,
    ENDINGS,
  );
  for (const reason of ['length', 'stop', 'eos', 'context']) assert.ok(reasons.has(reason), reason);
});

test('tokens that spell the same text are banned as well, which a ban of ids leaves', async () => {
  const [th, e] = [31, 5];
  const core = scripted('a ', [th, e, 28]);
  const byIds = await open(core).generate('a ', {
    temperature: 0,
    maxTokens: 3,
    sequenceBias: [{ tokens: fakeTokenizer.encode('the'), bias: Number.NEGATIVE_INFINITY }],
  });
  assert.is(byIds.text.slice(0, 3), 'the');
  const byText = await open(core).generate('a ', { temperature: 0, maxTokens: 3, bannedTexts: 'the' });
  assert.equal(byText.tokens.slice(0, 1), [th]);
  assert.not.ok(byText.text.includes('the'));
});

test('a text that the prompt begins is banned, and one that it has already is not', async () => {
  const [h, e, space] = [8, 5, 27];
  const begun = await open(scripted('a t', [h, e])).generate('a t', {
    temperature: 0,
    maxTokens: 2,
    bannedTexts: 'the',
  });
  assert.is(begun.tokens[0], h);
  assert.is.not(begun.tokens[1], e);
  const options = { temperature: 0, maxTokens: 1, bannedTexts: { texts: ['the'], wholeWords: true } };
  assert.is((await open(scripted('the', [space])).generate('the', options)).text, ' ');
});

test('a banned whole word may become a longer one, but stands neither before others nor at the end', async () => {
  const [a, b, end] = [1, 2, 0];
  const bannedTexts = { texts: ['ab'], wholeWords: true };
  const greedy = (script: number[], options: GenerateOptions) =>
    open(scripted(' ', script)).generate(' ', { temperature: 0, bannedTexts, ...options });
  assert.is((await greedy([a, b, b, end], {})).text, 'abb');
  assert.is.not((await greedy([a, b, b, end], { maxTokens: 2 })).text, 'ab');
  assert.is((await greedy([a, 3], { stop: 'c' })).text, 'a');
  assert.is.not((await greedy([a, b, 3], { stop: 'c' })).text, 'ab');
  assert.is.not((await greedy([a, b, end], { maxTokens: 9 })).text, 'ab');
  assert.match((await greedy([a, b, 27, a], { maxTokens: 4 })).text, /^ab[a-zé]/);
});

test('if no text is left, an error says so, and the session stays usable', async () => {
  const session = open();
  const every = [...'abcdefghijklmnopqrstuvwxyz .,!é😀\ufffd'];
  await thrown(
    () => session.generate('a', { bannedTexts: every, ignoreEos: true }),
    'invalid-option',
    /bannedTexts leave no text/,
  );
  assert.is((await session.generate('a', { maxTokens: 2, ignoreEos: true })).tokens.length, 2);
  // The end of the text remains.
  assert.is((await session.generate('a', { bannedTexts: every })).text, '');
});

test('texts without letters and far too many are refused', async () => {
  const ban =
    (texts: string[], more = {}) =>
    () =>
      open().generate('a', { bannedTexts: { texts, ...more } });
  await thrown(
    ban(['a', '\u0301'], { ignoreAccents: true }),
    'invalid-option',
    /"\u0301", which has only marks/,
  );
  await thrown(ban(['ab'.repeat(50_001)]), 'invalid-option', /more than 100000 characters/);
});

test('a model in a worker bans the same, and a healed prompt keeps its words', async () => {
  const model = await loadModel(storiesTiny);
  const bannedTexts = { texts: ['GIRL', 'boy', 'lily', 'she', 'dog'], ignoreCase: true, wholeWords: true };
  const options = { bannedTexts, maxTokens: 60, seed: 5 };
  const { text } = await model.generate('Once upon a time, there was a little', options);
  assert.not(hasBanned('', text, { ...bannedTexts, ignoreAccents: false }));
  const worker = await createWorkerModel(storiesTiny.href);
  assert.is((await worker.generate('Once upon a time, there was a little', options)).text, text);
  worker.dispose();
  const healed = await model.generate('Once there was a gi', {
    bannedTexts: ['gir', 'giv'],
    heal: true,
    maxTokens: 5,
  });
  assert.not.match(`gi${healed.text}`, /^gi[rv]/);
  const given = await model.generate('Once there was a girl', {
    bannedTexts: ['girl'],
    heal: true,
    maxTokens: 5,
  });
  assert.not.match(given.text, /girl/);
  model.dispose();
});

test('a model without a tokenizer cannot ban texts', async () => {
  const core = new FakeCore();
  const noText = idsOnly(new Gpt2Error('not-found', 'no tokenizer'), core.config.vocabSize);
  const call = () => new Session(core, noText, unsaved).generate([1], { bannedTexts: 'a' });
  await thrown(call, 'invalid-option', /bannedTexts needs the text of tokens/);
});

test.run();
