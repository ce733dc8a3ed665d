import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Edit, loadModel } from '../../src/index.js';
import { createWorkerModel } from '../../src/worker.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';
import { fakeWorkers } from './fake_worker.js';

const fakeWorker = fakeWorkers(test);

test('traces and edits in a worker are those here', async () => {
  const remote = await createWorkerModel(storiesTiny, { worker: fakeWorker().worker, build: 'simd' });
  const local = await loadModel(storiesTiny, { build: 'simd' });
  const text = 'Once upon a time';
  const edit: Edit[] = [
    { hook: 'blocks.0.attn.hook_z', heads: [1], op: 'scale', value: 0.5 },
    { hook: 'blocks.*.hook_resid_post', op: 'add', value: new Float32Array(local.config.channels).fill(0.1) },
  ];
  const options = { read: ['*'], edit, logits: 'all', positions: [-1, 0] } as const;
  assert.equal(await remote.trace(text, options), await local.trace(text, options));
  assert.equal(await remote.trace([1, 2]), await local.trace([1, 2]));
  const sampling = { seed: 3, maxTokens: 12, edit };
  assert.equal(
    (await remote.generate(text, sampling)).choices,
    (await local.generate(text, sampling)).choices,
  );
  assert.equal(await remote.score(text, { edit }), await local.score(text, { edit }));
  assert.equal(await remote.embed(text, { edit }), await local.embed(text, { edit }));
  assert.equal(await remote.logits([1, 2], { edit }), await local.logits([1, 2], { edit }));
  const [before, after] = ['A', ' dog'];
  assert.equal(
    await remote.loglikelihood(before, after, { edit }),
    await local.loglikelihood(before, after, { edit }),
  );
  const animals = [' dog', ' little girl'];
  assert.equal(await remote.choose('A', animals, { edit }), await local.choose('A', animals, { edit }));
  await thrown(
    () => remote.trace(text, { read: ['hook_embd'] }),
    'invalid-option',
    /did you mean hook_embed/,
  );
  await thrown(
    () => remote.trace(text, { read: [(() => {}) as never] }),
    'invalid-option',
    /cannot go to the worker/,
  );
  await thrown(() => remote.trace(text, null as never), 'invalid-option', /options is null/);
  await thrown(() => remote.trace(text, { signal: AbortSignal.abort() }), 'aborted', /tracing was aborted/);
  await thrown(() => remote.trace([-1]), 'invalid-option', /token 0 of the prompt/);
  await thrown(() => remote.session().generate('a', { edit }), 'invalid-option', /a session takes no/);
  remote.dispose();
  local.dispose();
});

test.run();
