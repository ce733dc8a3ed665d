import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModelCore } from '../../src/core/types.js';
import { type EmbedOptions, Gpt2Error, loadModel } from '../../src/index.js';
import { embedText } from '../../src/model/embed.js';
import { idsOnly } from '../../src/tokenizer/ids_only.js';
import { loadCore } from '../support/checkpoints.js';
import { insideFile, insideModel } from '../support/inside_model.js';
import { randomSource } from '../support/random.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';

const model = await loadModel(insideModel, { build: 'simd' });
const stories = await loadModel(storiesTiny, { build: 'simd' });
test.after(() => {
  model.dispose();
  stories.dispose();
});

function assertNear(got: Float32Array, want: Float32Array): void {
  assert.is(got.length, want.length);
  got.forEach((value, i) => {
    assert.ok(
      Math.abs(value - want[i]!) <= 2e-5 * Math.max(1, Math.abs(want[i]!)),
      `${i}: ${value}, ${want[i]}`,
    );
  });
}

const joined = (vectors: readonly Float32Array[]) =>
  Float32Array.from(vectors.flatMap((vector) => [...vector]));

test('means, their unit vectors, and last states are those of transformers', async () => {
  const { inputs, mean, mean_normalized, last, cosine_of_means } = insideFile('embedding.json');
  const embed = async (options?: EmbedOptions) => joined(await model.embed(inputs as number[][], options));
  assertNear(await embed(), mean);
  assertNear(await embed({ normalize: true }), mean_normalized);
  assertNear(await embed({ pooling: 'last' }), last);
  const units = await model.embed(inputs as number[][], { normalize: true });
  const cosines = units.flatMap((a) => units.map((b) => a.reduce((sum, x, c) => sum + x * b[c]!, 0)));
  assertNear(Float32Array.from(cosines), cosine_of_means);
});

test('without pooling each token has its state, and the other poolings follow from these', async () => {
  const ids = stories.tokenizer.encode('Once upon a time there was a cat.');
  const { channels } = stories.config;
  const states = await stories.embed(ids, { pooling: 'none' });
  assert.is(states.length, ids.length * channels);
  assert.equal(await stories.embed(ids, { pooling: 'last' }), states.slice(-channels));
  const mean = Float32Array.from({ length: channels }, (_, c) => {
    let sum = 0;
    for (let row = 0; row < ids.length; row++) sum += states[row * channels + c]!;
    return sum / ids.length;
  });
  assert.equal(await stories.embed(ids), mean);
  assert.equal(await stories.embed(ids.slice(0, 3), { pooling: 'none' }), states.slice(0, 3 * channels));
  const units = await stories.embed(ids, { pooling: 'none', normalize: true });
  for (let row = 0; row < ids.length; row++) {
    const unit = units.subarray(row * channels, (row + 1) * channels);
    assert.ok(Math.abs(unit.reduce((sum, value) => sum + value * value, 0) - 1) < 1e-6);
  }
});

test('texts of a list have the bits of each alone, also beside generations', async () => {
  const random = randomSource(31);
  const texts = Array.from({ length: 24 }, () =>
    Array.from({ length: 1 + random.below(200) }, () => random.below(stories.config.vocabSize)),
  );
  const alone: Float32Array[] = [];
  for (const text of texts) alone.push(await stories.embed(text));
  const [together] = await Promise.all([
    stories.embed(texts),
    stories.generate('One day', { maxTokens: 30, n: 3 }),
    stories.score(texts.slice(0, 5)),
  ]);
  assert.equal(together, alone);
});

test('no logits are computed', async () => {
  const core = await loadCore('one-layer-one-head', 'simd');
  const wanted: unknown[] = [];
  const watched = {
    config: core.config,
    sequence(...args: Parameters<ModelCore['sequence']>) {
      const sequence = core.sequence(...args);
      return {
        evaluate: (evaluation: Parameters<typeof sequence.evaluate>[0]) => {
          wanted.push(evaluation.wanted);
          return sequence.evaluate(evaluation);
        },
        release: () => sequence.release(),
      };
    },
  } as unknown as ModelCore;
  const tokenizer = idsOnly(new Gpt2Error('not-found', 'no tokenizer'), core.config.vocabSize);
  await embedText(watched, tokenizer, [1, 2, 3], {});
  assert.equal(wanted, ['hidden']);
  core.dispose();
});

test('what cannot be embedded is refused by name', async () => {
  await thrown(
    () => model.embed([1], { pooling: 'max' as 'mean' }),
    'invalid-option',
    'pooling is "max"',
    "'none'",
  );
  await thrown(() => model.embed([1], { normalize: 1 as never }), 'invalid-option', 'normalize is 1');
  await thrown(() => model.embed([1], { poolin: 'mean' } as never), 'invalid-option', 'did you mean pooling');
  await thrown(() => model.embed([[1], [97]]), 'invalid-option', 'text 1: token 0');
  await thrown(() => model.embed(new Array(65).fill(1)), 'context-full', '65 tokens', '64');
  await thrown(() => model.embed('a text'), 'not-found');
  await thrown(() => model.embed([1], { signal: AbortSignal.abort() }), 'aborted', 'embedding');
});

test.run();
