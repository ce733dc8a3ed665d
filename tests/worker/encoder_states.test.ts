import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../src/index.js';
import { createWorkerModel } from '../../src/worker.js';
import { crossModel, crossResults } from '../support/cross_model.js';
import { fakeWorkers } from './fake_worker.js';

const fakeWorker = fakeWorkers(test);

test('a model in a worker attends to the states that it is sent, alone or in an object with a mask', async () => {
  const { ids, states } = crossResults();
  const here = await loadModel(crossModel, { build: 'simd' });
  const remote = await createWorkerModel(crossModel, { worker: fakeWorker().worker, build: 'simd' });
  const kept = { states, mask: [true, true, false, true, true, true, true] };
  for (const encoderStates of [states, kept]) {
    const inputs = { encoderStates };
    assert.equal(await remote.logits(ids, { inputs }), await here.logits(ids, { inputs }));
    const options = { beams: 3, maxTokens: 6, ignoreEos: true, inputs };
    const [far, near] = await Promise.all([remote.generate(ids, options), here.generate(ids, options)]);
    assert.equal(far.choices, near.choices);
  }
  assert.is(states.length, 7 * 32);
  remote.dispose();
  here.dispose();
});

test.run();
