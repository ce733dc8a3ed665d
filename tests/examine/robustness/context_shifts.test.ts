import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { contextShifts } from '../../../src/examine/robustness/context_shifts.js';
import { disposeLmModels, lmModel } from '../../support/lm_model.js';
import { thrown } from '../../support/thrown.js';

const lm = await lmModel([0]);
/** The same without an end, so that it writes on. */
const endless = await lmModel([]);
test.after(disposeLmModels);
const { contextLength } = lm.config;

test('a generated text has the log-probabilities that it was written with, whatever is kept', async () => {
  for (const [keep, length, seed] of [
    [0, 200, 1],
    [1, 66, 2],
    [5, 131, 3],
    [62, 90, 4],
    [16, 250, 5],
  ] as const) {
    const prompt = [7, 21, 90];
    const options = {
      maxTokens: length - prompt.length,
      contextFull: 'shift',
      keep,
      seed,
      logprobs: 1,
    } as const;
    const { tokens, logprobs } = await endless.generate(prompt, options);
    const ids = [...prompt, ...tokens];
    const after = logprobs!.slice(contextLength + 1 - prompt.length).map(({ logprob }) => logprob);
    const [found, ...others] = await contextShifts(endless, ids, { keep: [keep], start: false });
    assert.is(others.length, 0);
    assert.is(found!.tokens, after.length);
    const mean = after.reduce((sum, logprob) => sum + logprob, 0) / after.length;
    assert.ok(Math.abs(found!.mean - mean) < 1e-5, `${keep}: ${found!.mean}, ${mean}`);
    assert.ok(Math.abs(found!.perplexity / Math.exp(-mean) - 1) < 1e-4);
    const recent = Math.max(1, Math.floor((contextLength - keep) / 2));
    assert.is(found!.shifts, Math.ceil(after.length / (contextLength - keep - recent + 1)));
  }
});

test('all values of keep are about the same tokens, and a start token is kept like others', async () => {
  const ids = Array.from({ length: 150 }, (_, i) => (31 * i * i + 7) % 97);
  const progress: { done: number; total: number }[] = [];
  const found = await contextShifts(lm, ids, { onProgress: (each) => progress.push(each) });
  assert.equal(
    found.map(({ keep, tokens }) => [keep, tokens]),
    [0, 1, 4, 16].map((keep) => [keep, 150 - contextLength]),
  );
  assert.equal(progress.at(-1), { done: 4 * (150 - contextLength), total: 4 * (150 - contextLength) });
  assert.equal(await contextShifts(lm, [0, ...ids], { start: false }), found);
  const [short] = await contextShifts(lm, ids, { keep: [0], contextLength: 10, start: false });
  assert.is(short!.tokens, 139);
});

test('texts that fit the context and wrong options are refused', async () => {
  await thrown(() => contextShifts(null as never, [1, 2]), 'invalid-option', 'model is null');
  const ids = Array.from({ length: contextLength }, () => 3);
  await thrown(() => contextShifts(lm, ids), 'invalid-option', `longer than the context of ${contextLength}`);
  assert.is((await contextShifts(lm, [...ids, 5], { keep: [0] }))[0]!.tokens, 1);
  for (const keep of [[], [contextLength - 1], [-1], [0.5], 3, ['0']]) {
    await thrown(
      () => contextShifts(lm, ids, { keep } as never),
      'invalid-option',
      'keep',
      `0 to ${contextLength - 2}`,
    );
  }
  for (const length of [3, contextLength + 1, Number.NaN]) {
    await thrown(
      () => contextShifts(lm, ids, { contextLength: length }),
      'invalid-option',
      'contextLength is',
    );
  }
  await thrown(() => contextShifts(lm, ids, { start: 'no' } as never), 'invalid-option', 'start is');
  const signal = AbortSignal.abort();
  await thrown(() => contextShifts(lm, [...ids, ...ids], { signal }), 'aborted');
});

test.run();
