import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pageBytes } from '../../src/core/layout.js';
import { type GenerateOptions, inspectModel, loadModel, type PromptInputs } from '../../src/index.js';
import { embeddingsOf, insideFile, insideModel } from '../support/inside_model.js';
import { assertLogits } from '../support/logits.js';
import { randomSource } from '../support/random.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';

const model = await loadModel(insideModel, { build: 'simd' });
const stories = await loadModel(storiesTiny, { build: 'simd' });
test.after(() => {
  model.dispose();
  stories.dispose();
});

const IDS = [95, 60, 87, 13, 45, 79, 65, 85, 46, 53];
const SAMPLING = { maxTokens: 12, seed: 5, ignoreEos: true, logprobs: 2 } as const;
const random = randomSource(77);
const vectors = (count: number) =>
  Float32Array.from({ length: count * stories.config.channels }, () => 0.4 * (random.uniform() - 0.5));

test('logits after vectors, and at other positions, are those of transformers', async () => {
  const { inputs_embeds, logits } = insideFile('embeds.json');
  assertLogits(await model.logits([], { inputs: { embeddings: inputs_embeds } }), logits);
  const { input_ids, cases } = insideFile('positions.json');
  assert.is(cases.length, 2);
  for (const { position_ids, logits } of cases) {
    assertLogits(await model.logits(input_ids, { inputs: { positions: position_ids } }), logits);
  }
  const [{ position_ids, logits: shifted }] = cases;
  assertLogits(await model.logits(input_ids, { inputs: { positions: position_ids[0] } }), shifted);
});

test('vectors that are the embeddings of tokens have the bits of these tokens', async () => {
  const logits = await model.logits(IDS);
  const states = await model.embed(IDS, { pooling: 'none' });
  const { timings: _, usage, ...completion } = await model.generate(IDS, SAMPLING);
  for (const count of [1, 4, 10]) {
    const inputs = { embeddings: embeddingsOf(IDS.slice(0, count)) };
    const rest = IDS.slice(count);
    assert.equal(await model.logits(rest, { inputs }), logits);
    for (const from of [0, count - 1, count % 10, 9]) {
      const { vocabSize } = model.config;
      assert.equal(await model.logits(rest, { inputs, from }), logits.slice(from * vocabSize));
      assert.equal(await model.logits(IDS, { from }), logits.slice(from * vocabSize));
    }
    assert.equal(await model.embed(rest, { inputs, pooling: 'none' }), states);
    const { timings, usage, ...other } = await model.generate(rest, { ...SAMPLING, inputs });
    assert.equal(other, completion);
    assert.is(usage.promptTokens, rest.length);
  }
});

test('searches follow vectors as they follow the tokens of these embeddings, and end with their positions', async () => {
  const searches: GenerateOptions[] = [
    { beams: 3, returned: 3, maxTokens: 9, ignoreEos: true, logprobs: 1 },
    { penaltyAlpha: 0.6, topK: 4, maxTokens: 9, ignoreEos: true, logprobs: 1 },
  ];
  for (const options of searches) {
    const { choices } = await model.generate(IDS, options);
    for (const count of [1, 4, 10]) {
      const inputs = { embeddings: embeddingsOf(IDS.slice(0, count)) };
      const other = await model.generate(IDS.slice(count), { ...options, inputs });
      assert.equal(other.choices, choices);
    }
    const late = { positions: IDS.map(() => 60) };
    const short = await model.generate(IDS, { ...options, inputs: late });
    assert.equal([short.finishReason, short.tokens.length], ['context', 4]);
  }
});

test('positions count up after a list, and a list of the usual positions changes nothing', async () => {
  const generate = async (positions?: PromptInputs['positions']) => {
    const { timings, usage, ...rest } = await model.generate(IDS, { ...SAMPLING, inputs: { positions } });
    return rest;
  };
  const usual = await generate();
  assert.equal(await generate([...IDS.keys()]), usual);
  assert.equal(await generate(0), usual);
  const shifted = await generate(20);
  assert.is.not(shifted.logprobs![0]!.logprob, usual.logprobs![0]!.logprob);
  assert.equal(await generate(IDS.map((_, i) => 20 + i)), shifted);
  assert.equal(await generate(Int32Array.from(IDS, (_, i) => 20 + i)), shifted);
});

test('a text ends where its positions end', async () => {
  const long = { ...SAMPLING, maxTokens: 100 };
  const lengthWith = async (inputs: PromptInputs) => {
    const { tokens, finishReason } = await model.generate(IDS, { ...long, inputs });
    assert.is(finishReason, 'context');
    return tokens.length;
  };
  // The last token is drawn after the last position, and is not evaluated.
  const { contextLength } = model.config;
  assert.is(await lengthWith({}), contextLength - 10 + 1);
  assert.is(await lengthWith({ positions: 30 }), contextLength - 30 - 10 + 1);
  assert.is(await lengthWith({ embeddings: embeddingsOf(IDS.slice(0, 5)) }), contextLength - 15 + 1);
  assert.is(await lengthWith({ positions: IDS.map(() => 60) }), 3 + 1);
});

test('several completions follow the same vectors, and a prompt shares no pages with one of other vectors', async () => {
  const [first, second] = [vectors(20), vectors(20)];
  const logitsOf = (embeddings: Float32Array) => stories.logits([5, 6, 7], { inputs: { embeddings } });
  const alone = await logitsOf(first);
  assert.is.not((await logitsOf(second))[0], alone[0]);
  assert.equal(await logitsOf(first), alone);
  const options: GenerateOptions = { ...SAMPLING, inputs: { embeddings: first } };
  const { choices } = await stories.generate('Once', { ...options, n: 3 });
  assert.equal(choices[0]!.tokens, (await stories.generate('Once', options)).tokens);
  const { usage } = await stories.generate('Once', options);
  assert.is(usage.cachedPromptTokens, 0);
});

test('the bits do not depend on what else runs, or on pages that are given up and evaluated again', async () => {
  const { memory, config } = await inspectModel(storiesTiny);
  const maxMemory = memory.weights + memory.scratch + 12 * pageBytes(config, 'f32');
  const small = await loadModel(storiesTiny, { build: 'simd', maxMemory });
  const calls = Array.from({ length: 10 }, (_, i) => {
    const inputs = { embeddings: vectors(1 + random.below(140)), positions: i % 3 };
    const prompt = Array.from({ length: random.below(60) }, () => random.below(config.vocabSize));
    return [prompt, { ...SAMPLING, inputs, maxTokens: 25 }] as const;
  });
  const alone: unknown[] = [];
  for (const [prompt, options] of calls) alone.push((await stories.generate(prompt, options)).logprobs);
  const together = await Promise.all(calls.map(([prompt, options]) => small.generate(prompt, options)));
  assert.equal(
    together.map(({ logprobs }) => logprobs),
    alone,
  );
  assert.ok(small.runtime.memoryBytes <= maxMemory);
  small.dispose();
});

test('an empty prompt after vectors stays empty, also if the prompt is healed', async () => {
  const inputs = { embeddings: vectors(3) };
  const { usage, tokens } = await stories.generate('', { ...SAMPLING, inputs });
  assert.is(usage.promptTokens, 0);
  assert.equal((await stories.generate('', { ...SAMPLING, inputs, heal: true })).tokens, tokens);
  assert.is((await stories.generate('', { ...SAMPLING, inputs: { positions: 3 } })).usage.promptTokens, 1);
});

test('inputs that cannot be used are refused by name', async () => {
  const refusals: [unknown, string][] = [
    [5, 'inputs is 5'],
    [{ embedding: 1 }, 'did you mean embeddings'],
    [{ embeddings: [1, 2] }, 'inputs.embeddings is an array'],
    [{ embeddings: new Float32Array(33) }, 'inputs.embeddings has 33 numbers; it must have a multiple of 32'],
    [{ embeddings: new Float32Array(32).fill(Number.NaN, 7, 8) }, 'inputs.embeddings[7] is NaN'],
    [{ positions: 64 }, 'inputs.positions is 64; it must be an integer from 0 to 63'],
    [{ positions: -1 }, 'inputs.positions is -1'],
    [{ positions: [1, 2] }, 'inputs.positions has 2 entries; it must have 10'],
    [{ positions: IDS.map((_, i) => 60 + i) }, 'inputs.positions[4] is 64'],
  ];
  for (const [inputs, message] of refusals) {
    const options = { inputs: inputs as PromptInputs };
    await thrown(() => model.generate(IDS, options), 'invalid-option', message);
    await thrown(() => model.logits(IDS, options), 'invalid-option', message);
    await thrown(() => model.embed(IDS, options), 'invalid-option', message);
  }
  for (const from of [10, -1, 0.5])
    await thrown(() => model.logits(IDS, { from }), 'invalid-option', 'from is');
  const tooMany = { inputs: { embeddings: new Float32Array(60 * 32) } };
  await thrown(() => model.generate(IDS, tooMany), 'context-full', '60 vectors and 10 tokens', '64');
  await thrown(() => model.embed(IDS, tooMany), 'context-full', '60 vectors');
  const shift = { inputs: {}, contextFull: 'shift' } as const;
  await thrown(() => model.generate(IDS, shift), 'invalid-option', 'contextFull is "shift"');
  await thrown(
    async () => model.session().generate(IDS, { inputs: {} }),
    'invalid-option',
    'a session takes no inputs',
  );
});

test.run();
