import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadedModels } from '../../src/generate/loaded_models.js';
import {
  type Completion,
  type GenerateOptions,
  type LoadModelOptions,
  loadModel,
  type Model,
} from '../../src/index.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';

const FIXTURES = new URL('../fixtures/', import.meta.url);
const { cases } = JSON.parse(readFileSync(new URL('lm/assisted.json', FIXTURES), 'utf8')) as {
  cases: { name: string; prompt: number[]; max_new_tokens: number; sequences: [number[]] }[];
};

/** A model for which speculation seems to pay, however busy the machine is: `ms` is the time of a row. */
async function eager(source: URL, ms: number, options: LoadModelOptions = {}): Promise<Model> {
  const loaded = await loadModel(source, { build: 'simd', threads: 1, ...options });
  const value = [12, 1].map((rows) => ({ ms: ms * (1 + rows / 50), rows, wanted: rows }));
  Object.defineProperty(loadedModels.get(loaded)!.core, 'batchTimes', { value });
  return loaded;
}

const model = await eager(storiesTiny, 1);
const sketch = await eager(storiesTiny, 0.05, { weights: 'q4' });
const twin = await eager(storiesTiny, 0.05);
test.after(() => {
  for (const loaded of [model, sketch, twin]) loaded.dispose();
});

/** A completion without what speculation changes. */
function told({ timings: _, usage, ...rest }: Completion) {
  const { draftTokens, acceptedDraftTokens, cachedPromptTokens, ...counts } = usage;
  return { ...rest, counts };
}

const STORY = 'Once upon a time there was a little girl. She saw a big dog in the park. The big dog was sad.';

test('greedy continuations with prompt lookup and with a draft model are those of transformers', async () => {
  const lm = await eager(new URL('lm/', FIXTURES), 1);
  const draft = await eager(new URL('lm-draft/', FIXTURES), 0.05);
  for (const { name, prompt, max_new_tokens: maxTokens, sequences } of cases) {
    const speculation = name === 'assisted' ? { draft } : { speculate: 'prompt' as const };
    const { tokens, usage } = await lm.generate(prompt, { temperature: 0, maxTokens, ...speculation });
    assert.equal(tokens, sequences[0], `${name} ${prompt}`);
    assert.ok(usage.acceptedDraftTokens > 5, `${name} ${prompt}: ${usage.acceptedDraftTokens}`);
  }
  assert.is(cases.length, 7);
  for (const loaded of [lm, draft]) loaded.dispose();
});

test('texts and log-probabilities are the same to the bit, whatever runs beside them', async () => {
  const accepted = [0, 0, 0, 0];
  const settings: GenerateOptions[] = [
    { temperature: 0, maxTokens: 60, seed: 4, logprobs: 2 },
    { temperature: 0.7, maxTokens: 50, seed: 5, logprobs: 0, repetitionPenalty: 1.1 },
    { temperature: 0.7, maxTokens: 40, seed: 6, logprobs: 1, n: 3, stop: ['dog.'] },
    { temperature: 0.3, maxTokens: 300, seed: 7, contextFull: 'shift', keep: 4, ignoreEos: true },
    { temperature: 0.5, maxTokens: 30, seed: 8, logprobs: 3, heal: true },
  ];
  for (const options of settings) {
    const plain = told(await model.generate(STORY, options));
    const others = [{ speculate: 'prompt' }, { draft: sketch }, { draft: twin }, {}] as const;
    const completions = await Promise.all(
      others.map((speculation) => model.generate(STORY, { ...options, ...speculation })),
    );
    completions.forEach((completion, i) => {
      assert.equal(told(completion), plain);
      accepted[i]! += completion.usage.acceptedDraftTokens;
    });
  }
  const [lookup, sketched, same, none] = accepted as [number, number, number, number];
  assert.ok(lookup > 20 && sketched > 100 && same > 200 && none === 0, `${accepted}`);
});

test('draft models that cannot draft are refused by name', async () => {
  const other = await loadModel(new URL('lm/', FIXTURES), { threads: 1 });
  const generate = (options: object) => model.generate('Once', { maxTokens: 2, ...options });
  await thrown(() => generate({ draft: other }), 'invalid-option', 'draft', '1024', '97');
  for (const draft of [{}, 'model', 3, null, { config: model.config }]) {
    await thrown(() => generate({ draft }), 'invalid-option', 'draft');
  }
  await thrown(() => generate({ speculate: 'draft' }), 'invalid-option', 'speculate', 'prompt');
  await thrown(
    () => generate({ draft: sketch, speculate: 'prompt' }),
    'invalid-option',
    'draft',
    'speculate',
  );
  other.dispose();
});

test('a draft model with other tokens is refused', async () => {
  const words = {
    encode: () => [1],
    decode: (ids: ArrayLike<number>) => Array.from(ids, (id) => `word${id} `).join(''),
  };
  const other: Model = await loadModel(storiesTiny, { threads: 1, tokenizer: words });
  await thrown(
    () => model.generate('Once', { draft: other, maxTokens: 2 }),
    'invalid-option',
    'draft needs the vocabulary',
    'word0',
  );
  other.dispose();
});

test.run();
