import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mix } from '../../../src/generate/guidance/mix.js';
import { loadModel } from '../../../src/index.js';
import { NaiveRow } from '../../support/fake_core.js';
import { near } from '../../support/near.js';
import { holds } from '../../support/property.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';

const model = await loadModel(storiesTiny, { build: 'simd' });
test.after(() => model.dispose());

const V = 7;
const logits = fc
  .array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: V, maxLength: V })
  .map((values) => Float32Array.from(values));

function softmax(values: ArrayLike<number>): number[] {
  const weights = Array.from(values, (value) => Math.exp(value - Math.max(...Array.from(values))));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

/** The paper's scaled probabilities, before they are normalized. */
function scaled(
  own: ArrayLike<number>,
  unwanted: readonly ArrayLike<number>[],
  decay: number,
  floor: number,
): number[] {
  const others = unwanted.map(softmax);
  return softmax(own).map((p, id) => {
    const delta = Math.min(...others.map((q) => p - q[id]!));
    return p * (delta >= 0 ? 1 : Math.max(Math.exp(decay * delta), floor));
  });
}

test('probabilities are scaled as in the paper', () =>
  holds(
    'debiased rows',
    fc.record({
      own: logits,
      unwanted: fc.array(logits, { minLength: 1, maxLength: 3 }),
      decay: fc.constantFrom(0, 1, 10, 50, 100),
      floor: fc.constantFrom(0.01, 0.5, 1),
    }),
    async ({ own, unwanted, decay, floor }) => {
      const row = new NaiveRow(new Float32Array(V));
      const sum = mix(row, { own, experts: [], negative: undefined, debiasing: { unwanted, decay, floor } });
      const expected = scaled(own, unwanted, decay, floor);
      const total = expected.reduce((a, b) => a + b);
      for (const [id, value] of expected.entries()) {
        near(Math.exp(row.values[id]! - sum), value / total, 1e-4, `token ${id}`);
      }
    },
    100,
  ));

test('a text is generated from the scaled probabilities after the prompt and after texts before it', async () => {
  const { tokenizer } = model;
  const debias = ['Tom was sad and bad.\n', 'A dog ran.\n'];
  const prompt = tokenizer.encode('Lily went to the park. She');
  const rows = async (ids: readonly number[]) => (await model.logits(ids)).slice(-model.config.vocabSize);
  const found: number[] = [];
  let changed = 0;
  for (let i = 0; i < 12; i++) {
    const own = await rows([...prompt, ...found]);
    const unwanted = [];
    for (const text of debias) unwanted.push(await rows([...tokenizer.encode(text), ...prompt, ...found]));
    const values = scaled(own, unwanted, 200, 0.01);
    const best = values.indexOf(Math.max(...values));
    if (best !== own.indexOf(own.reduce((a, b) => Math.max(a, b)))) changed++;
    found.push(best);
  }
  assert.ok(changed > 0);
  const options = { temperature: 0, maxTokens: 12, ignoreEos: true };
  const { choices } = await model.generate(prompt, { ...options, guidance: { debias, decay: 200 } });
  assert.equal(choices[0]!.tokens, found);
  const plain = await model.generate(prompt, options);
  const off = await model.generate(prompt, { ...options, guidance: { debias, floor: 1 } });
  assert.equal(off.choices, plain.choices);
});

test('what cannot be debiased is refused', async () => {
  const refused = (options: object, ...words: string[]) =>
    thrown(() => model.generate('Tom', { maxTokens: 2, ...options }), 'invalid-option', ...words);
  await refused({ guidance: { debias: [] } }, 'guidance.debias');
  await refused({ guidance: { debias: [''] } }, 'guidance.debias[0]');
  await refused({ guidance: {} }, 'guidance.debias');
  await refused({ guidance: { debias: 'x', decay: -1 } }, 'guidance.decay');
  await refused({ guidance: { debias: 'x', floor: 0 } }, 'guidance.floor');
  await refused({ guidance: { debias: 'x', lambda: 1 } }, 'lambda');
  await refused({ guidance: { debias: 'x' }, negativePrompt: 'y' }, 'negativePrompt');
  const inputs = { embeddings: new Float32Array(model.config.channels) };
  await refused({ guidance: { debias: 'x' }, inputs }, 'inputs');
  const long = 'word '.repeat(model.config.contextLength);
  await thrown(() => model.generate('Tom', { guidance: { debias: long } }), 'context-full', 'debias');
});

test.run();
