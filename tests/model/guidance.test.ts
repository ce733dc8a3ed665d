import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadedModels } from '../../src/generate/loaded_models.js';
import { type Completion, type GenerateOptions, loadModel, type Model } from '../../src/index.js';
import { createWorkerModel } from '../../src/worker.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';
import { fakeWorkers } from '../worker/fake_worker.js';

const FIXTURES = new URL('../fixtures/', import.meta.url);
const { generate: goldens } = JSON.parse(readFileSync(new URL('lm/guidance.json', FIXTURES), 'utf8')) as {
  generate: {
    name: string;
    prompt: number[];
    arguments: { guidance_scale: number; negative_prompt_ids?: [number[]] };
    max_new_tokens: number;
    sequences: [number[]];
  }[];
};

const fakeWorker = fakeWorkers(test);
const stories = await loadModel(storiesTiny, { build: 'simd', threads: 1 });
const lm = await loadModel(new URL('lm/', FIXTURES), { build: 'simd', threads: 1 });
test.after(() => {
  stories.dispose();
  lm.dispose();
});

const STORY = 'Once upon a time there was a';
const GREEDY = { temperature: 0, maxTokens: 20 };
/** Rows of each batch of a model. */
const rowsOf = (model: Model) => loadedModels.get(model)!.core.batchTimes.map(({ rows }) => rows);

test('guided greedy texts are those of transformers', async () => {
  for (const { name, prompt, arguments: given, max_new_tokens: maxTokens, sequences } of goldens) {
    const options = {
      ...{ temperature: 0, maxTokens, guidance: given.guidance_scale },
      negativePrompt: given.negative_prompt_ids?.[0],
    };
    assert.equal((await lm.generate(prompt, options)).tokens, sequences[0], name);
  }
  assert.is(goldens.length, 6);
});

/** Greedy tokens of the sums of logits. */
async function addedGreedily(models: readonly [Model, number][], prompt: readonly number[], count: number) {
  const { vocabSize, eosTokenIds } = models[0]![0].config;
  const text = prompt.slice();
  while (text.length < prompt.length + count && !eosTokenIds.includes(text.at(-1)!)) {
    const sums = new Float64Array(vocabSize);
    for (const [model, weight] of models) {
      const logits = (await model.logits(text)).subarray(-vocabSize);
      for (let id = 0; id < vocabSize; id++) sums[id]! += weight * logits[id]!;
    }
    text.push(sums.indexOf(Math.max(...sums)));
  }
  return text.slice(prompt.length);
}

test('experts add their logits: another model, and this one with adapters, in one batch with it', async () => {
  const draft = await loadModel(new URL('lm-draft/', FIXTURES), { build: 'simd', threads: 1 });
  const prompt = [39, 50, 27, 7, 94];
  for (const weight of [-0.5, 0.8]) {
    const { tokens } = await lm.generate(prompt, { ...GREEDY, experts: [{ model: draft, weight }] });
    assert.equal(
      tokens,
      await addedGreedily(
        [
          [lm, 1],
          [draft, weight],
        ],
        prompt,
        20,
      ),
    );
  }
  draft.dispose();

  const base = await loadModel(new URL('peft/base/', FIXTURES), { build: 'simd', threads: 1 });
  const adapted = await base.withAdapters([new URL('peft/lora-rslora/', FIXTURES)]);
  const before = rowsOf(base).length;
  const given = [1, 2, 3, 4];
  const { tokens } = await base.generate(given, {
    ...{ temperature: 0, maxTokens: 12, ignoreEos: true },
    ...{
      experts: [
        { model: adapted, weight: 2 },
        { model: base, weight: -1 },
      ],
    },
  });
  assert.equal(rowsOf(base).slice(before), [3 * given.length, ...new Array<number>(11).fill(3)]);
  assert.equal(
    tokens,
    await addedGreedily(
      [
        [base, 1],
        [adapted, 2],
        [base, -1],
      ],
      given,
      12,
    ),
  );
  adapted.dispose();
  base.dispose();
});

test('a negative prompt leads away from its text, in one batch with it, also in a session and beside others', async () => {
  const options: GenerateOptions = {
    ...GREEDY,
    guidance: 3,
    negativePrompt: 'Once upon a time there was a girl. She',
  };
  const before = rowsOf(stories).length;
  const guided = await stories.generate(STORY, options);
  const { length } = guided.tokens;
  assert.equal(rowsOf(stories).slice(before + 1), new Array<number>(length - 1).fill(2));
  const plain = await stories.generate(STORY, GREEDY);
  assert.is.not(guided.text, plain.text);
  const seeded = { ...options, temperature: 1, seed: 6, n: 2, logprobs: 1 };
  const alone = await stories.generate(STORY, seeded);
  const session = stories.session();
  const [beside, other, inSession] = await Promise.all([
    stories.generate(STORY, seeded),
    stories.generate(STORY, GREEDY),
    session.generate(STORY, options),
  ]);
  assert.equal(beside.choices, alone.choices);
  assert.is(other.text, plain.text);
  assert.is(inSession.text, guided.text);
  assert.equal(session.tokens, [...stories.tokenizer.encode(STORY), ...guided.tokens.slice(0, -1)]);
  assert.is((await session.generate(STORY, GREEDY)).text, plain.text);
  session.dispose();
  assert.is(stories.stats().pages.used, 0);
});

/** Greedy tokens by the definition of guidance, from the logits after the text and after the negative one. */
async function guidedGreedily(
  logitsAfter: (generated: readonly number[]) => Promise<Float32Array>,
  negative: readonly number[],
  guidance: number,
  count: number,
) {
  const { vocabSize } = stories.config;
  const logProbs = (logits: Float32Array) => {
    const last = logits.slice(-vocabSize);
    const sum = Math.log(last.reduce((total, logit) => total + Math.exp(logit), 0));
    return last.map((logit) => logit - sum);
  };
  const generated: number[] = [];
  while (generated.length < count) {
    const p = logProbs(await logitsAfter(generated));
    const q = logProbs(await stories.logits([...negative, ...generated]));
    const guided = p.map((logProb, id) => guidance * (logProb - q[id]!) + q[id]!);
    generated.push(guided.indexOf(Math.max(...guided)));
  }
  return generated;
}

test('a text after vectors is guided away from one without them', async () => {
  const { channels } = stories.config;
  const inputs = { embeddings: Float32Array.from({ length: 3 * channels }, (_, i) => Math.sin(i) / 5) };
  const negative = stories.tokenizer.encode('A dog');
  const options = { temperature: 0, maxTokens: 8, ignoreEos: true, guidance: 2.5, inputs };
  for (const prompt of [[], stories.tokenizer.encode(STORY)]) {
    const { tokens } = await stories.generate(prompt, { ...options, negativePrompt: negative });
    const after = (generated: readonly number[]) => stories.logits([...prompt, ...generated], { inputs });
    assert.equal(tokens, await guidedGreedily(after, negative, 2.5, 8));
  }
  await thrown(() => stories.generate(STORY, options), 'invalid-option', 'guidance needs a negativePrompt');
  const experts = [{ model: stories, weight: 1 }];
  await thrown(() => stories.generate(STORY, { inputs, experts }), 'invalid-option', 'experts');
});

test('a prompt that is healed is followed by the same tokens as the negative one', async () => {
  const cut = STORY.slice(0, -3);
  const options = { temperature: 0, maxTokens: 20, ignoreEos: true, heal: true };
  const plain = await stories.generate(cut, options);
  const prompt = stories.tokenizer.encode(cut).slice(0, plain.usage.promptTokens);
  assert.ok(prompt.length < stories.tokenizer.encode(cut).length);
  // A text that is guided away from itself is not guided.
  const itself = await stories.generate(cut, { ...options, guidance: 3, negativePrompt: prompt });
  assert.equal(itself.tokens, plain.tokens);
  const negative = stories.tokenizer.encode('A dog');
  const guided = await stories.generate(cut, { ...options, guidance: 6, negativePrompt: negative });
  assert.ok(stories.tokenizer.decode([...prompt, ...guided.tokens]).startsWith(cut));
  assert.is.not(guided.text, plain.text);
});

test('guided texts keep the form of a format, within which guidance decides', async () => {
  const choices = [' little girl', ' big dog', ' boy'];
  const options = { format: { choices }, seed: 4, n: 20, temperature: 1, topP: 1 };
  const guided = { ...options, guidance: 3, negativePrompt: 'A little' };
  const [plain, away, drafted] = await Promise.all(
    [options, guided, { ...guided, speculate: 'prompt' as const }].map((each) =>
      stories.generate(STORY, each),
    ),
  );
  for (const { text } of [...plain!.choices, ...away!.choices]) assert.ok(choices.includes(text), text);
  const girls = (of: Completion) => of.choices.filter(({ text }) => text === choices[0]).length;
  assert.ok(girls(plain!) > girls(away!), `${girls(plain!)}, ${girls(away!)}`);
  assert.equal(drafted!.choices, away!.choices);
});

test('guidance crosses to a worker, and experts are refused there', async () => {
  const remote = await createWorkerModel(storiesTiny, { worker: fakeWorker().worker, build: 'simd' });
  const options = { ...GREEDY, guidance: 2, negativePrompt: 'A dog' };
  assert.is((await remote.generate(STORY, options)).text, (await stories.generate(STORY, options)).text);
  for (const model of [stories, remote]) {
    const experts = [{ model, weight: 1 }];
    await thrown(() => remote.generate(STORY, { experts }), 'invalid-option', 'experts', 'worker');
  }
  const experts = [{ model: remote, weight: 1 }];
  await thrown(
    () => stories.generate(STORY, { experts }),
    'invalid-option',
    'experts[0].model',
    'not in a worker',
  );
  remote.dispose();
});

test.run();
