import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { evaluateOnce } from '../../src/core/evaluate.js';
import { PlacedInputs } from '../../src/generate/inputs.js';
import { loadedModels } from '../../src/generate/loaded_models.js';
import { type GenerateOptions, loadModel, type PromptInputs } from '../../src/index.js';
import { crossModel, crossResults } from '../support/cross_model.js';
import { assertLogits } from '../support/logits.js';
import { BUILDS } from '../support/relaxed.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';

const { ids, states, ...results } = crossResults();
const FIRST_5 = [true, true, true, true, true, false, false];
const C = 32;
const model = await loadModel(crossModel, { build: 'simd' });
test.after(() => model.dispose());

for (const build of BUILDS) {
  for (const threads of [1, 2]) {
    test(`${build}, ${threads} threads: logits with states, with a mask and without states are those of transformers`, async () => {
      const other = await loadModel(crossModel, { build, threads });
      assertLogits(await other.logits(ids, { inputs: { encoderStates: states } }), results.logits);
      const masked = { encoderStates: states, encoderMask: FIRST_5 };
      assertLogits(await other.logits(ids, { inputs: masked }), results.logitsOfFirst5);
      assertLogits(await other.logits(ids), results.logitsWithoutEncoder);
      other.dispose();
    });
  }
}

test('masked states are left out, as they are and in an object for several calls', async () => {
  const logits = await model.logits(ids, { inputs: { encoderStates: states.slice(0, 5 * C) } });
  const same: PromptInputs[] = [
    { encoderStates: states, encoderMask: FIRST_5 },
    { encoderStates: states, encoderMask: [1, 1, 1, 1, 1, 0, 0] },
    { encoderStates: { states, mask: FIRST_5 } },
    { encoderStates: { states: states.slice(0, 5 * C) } },
  ];
  for (const inputs of same) assert.equal(await model.logits(ids, { inputs }), logits);
});

test('states may come in the prompt, with a text or alone', async () => {
  const options = { temperature: 0, maxTokens: 5, ignoreEos: true };
  const inputs = { encoderStates: states };
  for (const text of [ids.slice(0, 3), undefined]) {
    const { choices } = await model.generate({ encoderStates: states, text }, options);
    const same = await model.generate(text ?? [], { ...options, inputs });
    assert.equal(choices[0]!.tokens, same.choices[0]!.tokens);
    assert.equal(await model.logits({ ...inputs, text }), await model.logits(text ?? [], { inputs }));
  }
});

const OPTIONS: Record<string, GenerateOptions> = {
  greedy: { temperature: 0, seed: 1, maxTokens: 9, ignoreEos: true, logprobs: 2 },
  sampled: { seed: 3, maxTokens: 9, ignoreEos: true, n: 3 },
  beams: { beams: 4, returned: 2, maxTokens: 9, ignoreEos: true },
  contrastive: { penaltyAlpha: 0.6, topK: 4, maxTokens: 9, ignoreEos: true },
  speculative: { temperature: 0, maxTokens: 9, ignoreEos: true, speculate: 'prompt' },
};
for (const [name, options] of Object.entries(OPTIONS)) {
  test(`${name}: texts have the log-probabilities of their tokens after the states`, async () => {
    const inputs = { encoderStates: states };
    const { choices } = await model.generate(ids.slice(0, 3), { ...options, inputs, logprobs: 1 });
    const { vocabSize } = model.config;
    for (const { tokens, logprobs } of choices) {
      const logits = await model.logits([...ids.slice(0, 3), ...tokens], { inputs, from: 2 });
      tokens.forEach((id, i) => {
        const row = logits.subarray(i * vocabSize, (i + 1) * vocabSize);
        const sum = Math.log(row.reduce((total, value) => total + Math.exp(value), 0));
        assert.ok(Math.abs(logprobs![i]!.logprob - (row[id]! - sum)) < 1e-5);
      });
    }
    const without = await model.generate(ids.slice(0, 3), options);
    assert.not.equal(without.choices[0]!.tokens, choices[0]!.tokens);
  });
}

test('calls with and without states, and with different ones, get at the same time what they get alone', async () => {
  const kept = { states };
  const backwards = states.slice().reverse();
  const all: (PromptInputs | undefined)[] = [
    undefined,
    { encoderStates: states },
    { encoderStates: backwards },
    { encoderStates: kept },
    undefined,
    { encoderStates: kept },
    { encoderStates: states, encoderMask: FIRST_5 },
    { encoderStates: states, embeddings: states.slice(0, 2 * C) },
  ];
  const run = async (inputs: PromptInputs | undefined) => {
    const { timings, usage, ...rest } = await model.generate(ids.slice(0, 4), { ...OPTIONS.greedy, inputs });
    return rest;
  };
  const alone = [];
  for (const inputs of all) alone.push(await run(inputs));
  assert.equal(await Promise.all(all.map(run)), alone);
  assert.equal(alone[3], alone[1]);
  assert.not.equal(alone[2], alone[1]);
});

test('a search shares one memory, and its pages return', async () => {
  const other = await loadModel(crossModel, { build: 'simd', contextLength: 64 });
  const many = new Float32Array(200 * C).map((_, i) => states[i % states.length]!);
  const most = { used: 0 };
  const options = { beams: 5, maxTokens: 20, ignoreEos: true, inputs: { encoderStates: many } };
  const stream = other.stream(ids, options);
  const watch = setInterval(() => {
    most.used = Math.max(most.used, other.stats().pages.used);
  }, 0);
  for await (const _ of stream) most.used = Math.max(most.used, other.stats().pages.used);
  clearInterval(watch);
  // Two pages for 200 states, and of the beams one each and copies while they part.
  assert.ok(most.used >= 3 && most.used <= 2 + 2 * 5 + 1, `${most.used}`);
  assert.equal(other.stats().pages.used, 0);
  assert.equal(other.stats().pages.cached, 0);
  const kept = { states: many };
  await other.logits(ids, { inputs: { encoderStates: kept } });
  assert.equal(other.stats().pages.used, 0);
  assert.equal(other.stats().pages.cached, 2);
  other.dispose();
});

test('the array of the states may be used for others once the call computes', async () => {
  const { core } = loadedModels.get(model)!;
  const own = states.slice();
  const placed = new PlacedInputs({ encoderStates: own }, core, ids.length);
  own.fill(0);
  const logits: number[] = [];
  const read = ({ values }: { readonly values: Float32Array }) => {
    logits.push(...values);
  };
  await evaluateOnce(core, placed.place({ tokens: ids, first: 0, read }), 'evaluating');
  assert.equal(Float32Array.from(logits), await model.logits(ids, { inputs: { encoderStates: states } }));
});

test('states for which there is no room are named, and leave the others their memory', async () => {
  const maxMemory = model.runtime.memoryBytes + 2 ** 20;
  const small = await loadModel(crossModel, { build: 'simd', threads: 1, maxMemory });
  const inputs = { encoderStates: new Float32Array(16_384 * C) };
  await thrown(
    () => small.logits(ids, { inputs }),
    'out-of-memory',
    `${ids.length} tokens and 16384 encoder states`,
  );
  const logits = await model.logits(ids, { inputs: { encoderStates: states } });
  assert.equal(await small.logits(ids, { inputs: { encoderStates: states } }), logits);
  small.dispose();
});

test('states, masks and models that do not fit are refused', async () => {
  const refused = (inputs: unknown, pattern: RegExp) =>
    thrown(() => model.logits(ids, { inputs: inputs as PromptInputs }), 'invalid-option', pattern);
  await refused({ encoderStates: [1, 2] }, /encoderStates\.states is undefined/);
  await refused({ encoderStates: new Float64Array(32) }, /encoderStates is .*must be a Float32Array/);
  await refused({ encoderStates: null }, /encoderStates is null/);
  await refused({ encoderStates: new Float32Array(33) }, /33 numbers; it must have a multiple of 32/);
  await refused({ encoderStates: new Float32Array(0) }, /0 states; it must have 1 to 16384/);
  await refused({ encoderStates: new Float32Array(16_385 * C) }, /16385 states/);
  await refused({ encoderStates: new Float32Array(C).fill(Number.NaN) }, /encoderStates\[0\] is NaN/);
  await refused(
    { encoderStates: { states: new Float32Array(31) } },
    /states\.states has 31 numbers|31 numbers/,
  );
  await refused({ encoderStates: states, encoderMask: [true] }, /encoderMask has 1 entries; it must have 7/);
  await refused({ encoderStates: states, encoderMask: new Array(7).fill(false) }, /leaves no state/);
  await refused({ encoderStates: states, encoderMask: [1, 1, 1, 2, 1, 1, 1] }, /encoderMask\[3\] is 2/);
  await refused(
    { encoderStates: { states }, encoderMask: FIRST_5 },
    /encoderMask is an array; it must be left out/,
  );
  await refused({ encoderMask: FIRST_5 }, /encoderMask is an array; it must be left out without/);
  const plain = await loadModel(storiesTiny);
  const inputs = { encoderStates: states };
  await thrown(
    () => plain.generate('Once', { inputs }),
    'invalid-option',
    /need a model with cross-attention/,
  );
  plain.dispose();
  await thrown(() => model.trace(ids), 'unsupported', /cross-attention/);
});

test('a compiled module must be one with cross-attention', async () => {
  const compiled = (name: string) =>
    WebAssembly.compile(readFileSync(new URL(`../../build/wasm/${name}.wasm`, import.meta.url)));
  const other = await loadModel(crossModel, { module: await compiled('cross-simd') });
  assertLogits(await other.logits(ids, { inputs: { encoderStates: states } }), results.logits);
  other.dispose();
  const module = await compiled('simd');
  await thrown(() => loadModel(crossModel, { module }), 'invalid-option', /cross-simd\.wasm/);
});

test.run();
