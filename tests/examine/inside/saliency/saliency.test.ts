import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { saliency } from '../../../../src/examine.js';
import { loadModel } from '../../../../src/index.js';
import { createWorkerModel } from '../../../../src/worker.js';
import { insideModel } from '../../../support/inside_model.js';
import { near } from '../../../support/near.js';
import { storiesTiny } from '../../../support/stories_tiny.js';
import { thrown } from '../../../support/thrown.js';
import { fakeWorkers } from '../../../worker/fake_worker.js';

const fakeWorker = fakeWorkers(test);
const model = await loadModel(insideModel, { build: 'simd' });
const stories = await loadModel(storiesTiny, { build: 'simd' });
test.after(() => {
  model.dispose();
  stories.dispose();
});

const IDS = [4, 8, 15, 16, 23, 42, 8];
const CHANNELS = 32;

/** ln p of a token after a position, with an edit. */
async function logprobOf(token: number, position: number, edit: object): Promise<number> {
  const { logits } = await model.trace(IDS, {
    edit: [{ hook: 'hook_embed', op: 'add', value: new Array(CHANNELS).fill(0), ...edit }],
    logits: [position],
  });
  const row = Array.from(logits!.data);
  const largest = Math.max(...row);
  return row[token]! - largest - Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

/** The derivative at 0 of a function of 32-bit numbers, by four values of it. */
async function slope(f: (step: number) => Promise<number>, step: number): Promise<number> {
  const [near1, far] = [(await f(step)) - (await f(-step)), (await f(2 * step)) - (await f(-2 * step))];
  return (8 * near1 - far) / (12 * step);
}

test('gradient times input is the slope along the embedding', async () => {
  for (const position of [-1, 4]) {
    for (const against of [undefined, 61]) {
      const found = await saliency(model, IDS, { position, token: 37, against });
      const at = (position + IDS.length) % IDS.length;
      assert.equal([found.position, found.tokens.length, found.scores.length], [at, at + 1, at + 1]);
      assert.equal([found.token.id, found.against?.id], [37, against]);
      const measure = async (edit: object) =>
        (await logprobOf(37, at, edit)) - (against === undefined ? 0 : await logprobOf(against, at, edit));
      near(found.logprob, await measure({}), 1e-5);
      for (const i of found.scores.keys()) {
        const along = (step: number) => measure({ positions: [i], op: 'scale', value: 1 + step });
        near(found.scores[i]!, await slope(along, 0.02), 2e-3, `position ${i}`);
      }
    }
  }
});

test('the norm of the gradient is that of the slopes along each channel', async () => {
  const { scores, token } = await saliency(model, IDS, { method: 'gradientNorm' });
  for (const i of [0, 3, 6]) {
    let squares = 0;
    for (let channel = 0; channel < CHANNELS; channel++) {
      const along = (step: number) => {
        const value = new Array(CHANNELS).fill(0);
        value[channel] = step;
        return logprobOf(token.id, 6, { positions: [i], value });
      };
      squares += (await slope(along, 0.01)) ** 2;
    }
    near(scores[i]!, Math.sqrt(squares), 2e-3 * (1 + scores[i]!), `position ${i}`);
  }
});

test('the likeliest token is explained by default, and later tokens do not matter', async () => {
  const text = 'Once upon a time there was a cat.';
  const whole = await saliency(stories, text, { position: 3 });
  const { logits } = await stories.trace(text, { logits: [3] });
  assert.is(whole.token.id, logits!.data.indexOf(Math.max(...logits!.data)));
  assert.is(whole.token.text, stories.tokenizer.decode([whole.token.id]));
  const part = await saliency(stories, stories.tokenizer.encode(text).slice(0, 4), {});
  assert.equal([part.scores, part.logprob], [whole.scores, whole.logprob]);
  const [own] = await stories.trace('', { read: [] }).then(({ ids }) => ids);
  assert.is((await saliency(stories, '')).tokens[0]!.id, own);
});

test('a model in a worker says the same', async () => {
  const remote = await createWorkerModel(storiesTiny, { worker: fakeWorker().worker, build: 'simd' });
  const options = { token: 9, method: 'gradientNorm' as const };
  assert.equal(await saliency(remote, 'A dog', options), await saliency(stories, 'A dog', options));
  await remote.dispose();
});

test('quantized weights give about the same', async () => {
  const exact = await saliency(model, IDS, { token: 37 });
  for (const [weights, tolerance] of [
    ['q8', 0.05],
    ['q4', 0.6],
  ] as const) {
    const quantized = await loadModel(insideModel, { build: 'simd', weights });
    const { scores } = await saliency(quantized, IDS, { token: 37 });
    const length = Math.hypot(...exact.scores);
    const distance = Math.hypot(...scores.map((score, i) => score - exact.scores[i]!));
    assert.ok(distance > 0 && distance < tolerance * length, `${weights}: ${distance / length}`);
    quantized.dispose();
  }
});

test('adapters beside the weights are as those in the weights', async () => {
  const folder = new URL('../../../fixtures/peft/', import.meta.url);
  const [base, lora] = [new URL('base/', folder), new URL('lora-rslora/', folder)];
  const plain = await loadModel(base, { build: 'simd' });
  const adapters = [lora, { source: lora, weight: 0.5 }];
  const adapted = await plain.withAdapters(adapters);
  const merged = await loadModel(base, { build: 'simd', adapters });
  const options = { token: 3, against: 5 };
  const [own, got, wanted] = await Promise.all(
    [plain, adapted, merged].map((each) => saliency(each, [1, 2, 9, 4], options)),
  );
  got!.scores.forEach((score, i) => {
    near(score, wanted!.scores[i]!, 1e-5, `score ${i}`);
  });
  near(got!.logprob, wanted!.logprob, 1e-5);
  assert.ok(Math.abs(own!.logprob - wanted!.logprob) > 1e-3, `${own!.logprob}, ${wanted!.logprob}`);
  adapted.dispose();
  await thrown(() => saliency(adapted, [1, 2]), 'disposed');
  merged.dispose();
  plain.dispose();
});

test('wrong arguments are refused', async () => {
  const call = (options: object) => () => saliency(model, IDS, options);
  for (const options of [
    { position: 7 },
    { position: 0.5 },
    { position: '1' },
    { token: 97 },
    { token: -1 },
    { against: Number.NaN },
    { method: 'gradient' },
    { methods: 'gradientNorm' },
  ]) {
    await thrown(call(options), 'invalid-option');
  }
  await thrown(() => saliency(model, 7 as never), 'invalid-option');
  await thrown(() => saliency(model, new Array(65).fill(5)), 'context-full');
  await thrown(call({ signal: AbortSignal.abort() }), 'aborted');
});

test.run();
