import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ForwardJob } from '../../src/core/abi/job.js';
import { storiesTiny } from '../support/stories_tiny.js';

// Set before the package is loaded, which keeps the clock. It shows computed work instead of time: `layerMs`
// for each layer and for each row of logits.
let clock = 0;
performance.now = () => clock;
const { OwnThread } = await import('../../src/core/abi/job.js');
const { loadModel } = await import('../../src/index.js');

const { run } = OwnThread.prototype;

test('a call of the own thread is cut into slices of at most 15 ms, and the event loop runs before each', async () => {
  const model = await loadModel(storiesTiny, { build: 'simd', threads: 1 });
  const { layers } = model.config;
  assert.ok(layers >= 4, `${layers} layers`);
  let layerMs = 0;
  let turns = 0;
  let jobs: { job: ForwardJob; turn: number }[] = [];
  OwnThread.prototype.run = async function (this: InstanceType<typeof OwnThread>, given) {
    const job = given as ForwardJob;
    jobs.push({ job, turn: turns });
    await run.call(this, job);
    clock += layerMs * (job.endLayer - job.firstLayer + job.wantedRows);
  };
  let isOver = false;
  const countTurns = () => {
    turns++;
    if (!isOver) setImmediate(countTurns);
  };
  setImmediate(countTurns);
  try {
    for (const [ms, most] of [
      [14, 1],
      [7, 2],
      [0.2, layers],
    ] as const) {
      layerMs = ms;
      // The first call teaches the slicer the times.
      await model.logits([1, 2, 3]);
      jobs = [];
      await model.logits([4, 5, 6]);
      const counts = jobs.map(({ job }) => job.endLayer - job.firstLayer);
      assert.is(Math.max(...counts), most, `layers of ${ms} ms`);
      assert.is(
        counts.reduce((sum, count) => sum + count),
        layers,
      );
      jobs.forEach(({ turn }, i) => {
        if (i > 0) assert.ok(turn > jobs[i - 1]!.turn, `no turn of the event loop before job ${i}`);
      });
    }
  } finally {
    isOver = true;
    OwnThread.prototype.run = run;
    model.dispose();
  }
});

test.run();
