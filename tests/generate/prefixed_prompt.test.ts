import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type AnyPrompt, type GenerateOptions, loadModel, type PrefixedPrompt } from '../../src/index.js';
import { createWorkerModel } from '../../src/worker.js';
import { embeddingsOf, insideModel } from '../support/inside_model.js';
import { thrown } from '../support/thrown.js';
import { fakeWorkers } from '../worker/fake_worker.js';

const model = await loadModel(insideModel, { build: 'simd' });
const { worker } = fakeWorkers(test)();
const remote = await createWorkerModel(insideModel, { worker, build: 'simd' });
test.after(() => {
  model.dispose();
  remote.dispose();
});

const IDS = [95, 60, 87, 13, 45, 79, 65, 85, 46, 53];
const SAMPLING: GenerateOptions = { maxTokens: 8, seed: 5, ignoreEos: true, logprobs: 2 };

/** The ids, the first of them as their embeddings. */
const prefixed = (count: number): PrefixedPrompt => ({
  embeddings: embeddingsOf(IDS.slice(0, count)),
  text: IDS.slice(count),
});

test('a prompt of embeddings and text has the bits of the tokens of these embeddings', async () => {
  const { choices } = await model.generate(IDS, SAMPLING);
  const logits = await model.logits(IDS);
  const states = await model.embed(IDS, { pooling: 'none' });
  for (const count of [1, 4, 10]) {
    const prompt = prefixed(count);
    for (const owner of [model, remote]) {
      assert.equal((await owner.generate(prompt, SAMPLING)).choices, choices);
      const streamed: number[] = [];
      for await (const { id } of owner.stream(prompt, SAMPLING)) streamed.push(id);
      assert.equal(streamed, choices[0]!.tokens);
      assert.equal(await owner.logits(prompt), logits);
      assert.equal(await owner.embed(prompt, { pooling: 'none' }), states);
    }
  }
  const { embeddings } = prefixed(10);
  assert.equal((await model.generate({ embeddings }, SAMPLING)).choices, choices);
  assert.equal((await remote.generate({ embeddings }, SAMPLING)).choices, choices);
  assert.equal((await model.generate({ text: IDS }, SAMPLING)).choices, choices);
  const late: AnyPrompt = { text: IDS, positions: 20 };
  const shifted = await model.generate(IDS, { ...SAMPLING, inputs: { positions: 20 } });
  assert.equal((await model.generate(late, SAMPLING)).choices, shifted.choices);
  assert.equal(await model.logits(late), await model.logits(IDS, { inputs: { positions: 20 } }));
});

test('after embeddings a score counts the first token too', async () => {
  const options = { top: 2, edit: [{ hook: 'blocks.0.hook_mlp_out', op: 'scale', value: 0.5 }] } as const;
  for (const more of [{}, options]) {
    for (const count of [1, 4, 9]) {
      const whole = await model.score(IDS, { start: false, from: count, ...more });
      for (const owner of [model, remote]) {
        const score = await owner.score(prefixed(count), more);
        assert.equal({ ...score, tokens: IDS }, whole);
        assert.equal(score.tokens, IDS.slice(count));
        assert.equal(await owner.score([IDS, prefixed(count)], more), [await model.score(IDS, more), score]);
      }
      const last = await model.score(IDS, { start: false, from: 9, ...more });
      const { logprobs } = await model.score(prefixed(count), { from: 9 - count, stride: 2, ...more });
      assert.equal(logprobs, last.logprobs);
    }
  }
  const first = { embeddings: embeddingsOf([IDS[0]!, model.config.eosTokenIds[0]!]), text: IDS.slice(1) };
  const started = await model.score({ ...prefixed(1) }, { start: true });
  assert.equal(started, await model.score(first));
});

test('what cannot be a prompt is refused by name', async () => {
  const prompt = prefixed(2);
  for (const owner of [model, remote]) {
    const refused = (given: unknown, ...words: string[]) =>
      thrown(() => owner.generate(given as string, SAMPLING), 'invalid-option', ...words);
    await refused({}, 'the prompt is an object; it must be a string or an array of token ids');
    await refused({ ...prompt, embedding: 1 }, 'did you mean embeddings');
    await refused({ ...prompt, text: 5 }, 'the prompt is 5');
    await refused({ embeddings: [1], text: IDS }, 'inputs.embeddings is an array');
    await refused({ ...prompt, text: [1000] }, 'the prompt');
    const both = { ...SAMPLING, inputs: { positions: 3 } };
    const twice = 'inputs is an object; it must be left out beside a prompt that is an object';
    await thrown(() => owner.generate(prompt, both), 'invalid-option', twice);
    await thrown(() => owner.logits(prompt, both), 'invalid-option');
    await thrown(
      async () => owner.session().generate(prompt as never),
      'invalid-option',
      'the prompt is an object',
    );
    await thrown(() => owner.score(prompt, { stride: 0 }), 'invalid-option', 'stride is 0');
    await thrown(
      () => owner.score([IDS, { ...prompt, positions: 70 }]),
      'invalid-option',
      'text 1: inputs.positions',
    );
    const long = { embeddings: new Float32Array(60 * 32), text: IDS };
    await thrown(() => owner.score(long, { stride: 4 }), 'context-full', '60 vectors and 10 tokens');
  }
});

test.run();
