import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadedModels } from '../../../src/generate/loaded_models.js';
import type { DraftModel, GenerateOptions } from '../../../src/generate/options.js';
import { ContrastiveSearch, candidatesOf } from '../../../src/generate/search/contrastive_search.js';
import { Session } from '../../../src/generate/session.js';
import { FakeCore } from '../../support/fake_core.js';
import { fakeTokenizer } from '../../support/fake_tokenizer.js';
import { literalBeams } from '../../support/literal_beams.js';
import { guidedRow, type LiteralGuidance } from '../../support/literal_guidance.js';
import { mix } from '../../support/mix.js';
import { holds } from '../../support/property.js';
import { PLAIN_BEAMS } from '../../support/run_beams.js';
import { unsaved } from '../../support/unsaved.js';

const core = new FakeCore();
const expert = new FakeCore();
expert.logitsOf = (prefix) => {
  const hash = prefix.reduce(mix, 7);
  return Array.from({ length: expert.config.vocabSize }, (_, id) => (3 * mix(hash, id)) / 2 ** 32);
};
const model: DraftModel = { config: expert.config };
loadedModels.set(model, { core: expert, tokenizer: fakeTokenizer });

const tokens = fc.array(fc.integer({ min: 1, max: 47 }), { minLength: 1, maxLength: 6 });
const guided = fc.record({
  prompt: tokens,
  negative: fc.option(tokens, { nil: undefined }),
  guidance: fc.constantFrom(1, 0.7, 2),
  weight: fc.constantFrom(undefined, -1, 1),
});

/** A guided search, its options, and the definition of its guidance. */
function guidanceOf({
  negative,
  guidance,
  weight,
}: Omit<typeof guided extends fc.Arbitrary<infer T> ? T : never, 'prompt'>) {
  const isGuided = guidance !== 1;
  const options: GenerateOptions = {
    ...(isGuided && { guidance, negativePrompt: negative }),
    ...(weight !== undefined && { experts: [{ model, weight }] }),
  };
  const by: LiteralGuidance = {
    ...(isGuided && { guidance, ...(negative && { negative }) }),
    ...(weight !== undefined && { experts: [{ core: expert, weight }] }),
  };
  return { options, by };
}

const without = (values: Float32Array) => values.fill(Number.NEGATIVE_INFINITY, fakeTokenizer.vocabSize);

test('beams extend by the guided log-probabilities, which transformers does not normalize', () =>
  holds(
    'guided beams',
    fc.record({
      ...{ given: guided },
      beams: fc.constantFrom(2, 3),
      maxTokens: fc.integer({ min: 1, max: 7 }),
    }),
    async ({ given, beams, maxTokens }) => {
      const { options, by } = guidanceOf(given);
      const { prompt } = given;
      const session = new Session(core, fakeTokenizer, unsaved);
      const found = await session.generate(prompt, {
        ...options,
        beams,
        returned: beams,
        maxTokens,
        logprobs: 1,
      });
      const rules = { ...PLAIN_BEAMS, beams, maxTokens, endTokens: new Set([0]) };
      const expected = literalBeams(rules, (generated) => {
        const { row, sum } = guidedRow(core, prompt, generated, by);
        return without(row.values.map((value) => value - sum));
      });
      assert.equal(
        found.choices.map(({ tokens, score }) => ({ tokens, score })),
        expected.slice(0, beams).map(({ tokens, score }) => ({ tokens, score })),
      );
      const { row } = guidedRow(core, prompt, [], {});
      const [first] = found.choices;
      assert.is(first!.logprobs![0]!.logprob, row.values[first!.tokens[0]!]! - row.logSumExp());
      session.dispose();
      assert.equal([core.pool.counts.used, expert.pool.counts.used], [0, 0]);
    },
    40,
  ));

test('contrastive search takes its candidates from guided logits, and compares states of the model itself', () =>
  holds(
    'guided contrastive searches',
    fc.record({ given: guided, penaltyAlpha: fc.constantFrom(0.1, 0.6), topK: fc.constantFrom(2, 5) }),
    async ({ given, penaltyAlpha, topK }) => {
      const { options, by } = guidanceOf(given);
      const { prompt } = given;
      const session = new Session(core, fakeTokenizer, unsaved);
      const maxTokens = 8;
      const search = { penaltyAlpha, topK, maxTokens, ignoreEos: true };
      const found = await session.generate(prompt, { ...options, ...search });
      const literal = new ContrastiveSearch(penaltyAlpha);
      prompt.forEach((_, i) => {
        literal.remember(i, Float32Array.from(core.hiddenOf(prompt.slice(0, i + 1))));
      });
      const generated: number[] = [];
      while (generated.length < maxTokens) {
        const { row } = guidedRow(core, prompt, generated, by);
        without(row.values);
        const candidates = candidatesOf(row, topK);
        const states = candidates.map(({ token }) => core.hiddenOf([...prompt, ...generated, token]));
        const chosen = literal.choose(
          candidates,
          states.map((state) => Float32Array.from(state)),
        );
        generated.push(candidates[chosen]!.token);
      }
      assert.equal(found.tokens, generated);
      assert.equal(session.tokens, [...prompt, ...generated.slice(0, -1)]);
      session.dispose();
      assert.equal([core.pool.counts.used, expert.pool.counts.used], [0, 0]);
    },
    40,
  ));

test.run();
