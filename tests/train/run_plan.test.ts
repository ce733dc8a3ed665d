import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { estimateTrainingMemory } from '../../src/core/training/layout.js';
import { checkMemory } from '../../src/train/memory_check.js';
import { runPlan } from '../../src/train/run_plan.js';
import { resolveTrainerOptions, type TrainerOptions } from '../../src/train/trainer_options.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';
import { STORIES, TINY, tokenizer } from './tiny.js';

const planOf = (options: Partial<TrainerOptions>, rowsPerEpoch = 100) =>
  runPlan(resolveTrainerOptions({ data: STORIES, ...options } as TrainerOptions), rowsPerEpoch);
const SCRATCH = { config: TINY, tokenizer };

test('epochs become steps, the last of which may begin another epoch', () => {
  const plan = (options: Partial<TrainerOptions>, rows: number) =>
    planOf({ ...SCRATCH, ...options }, rows).steps;
  assert.is(plan({ batchSize: 4 }, 100), 25);
  assert.is(plan({ batchSize: 4 }, 101), 26);
  assert.is(plan({ batchSize: 4, accumulation: 5 }, 101), 6);
  assert.is(plan({ batchSize: 4, epochs: 2.5 }, 100), 63);
  assert.is(plan({ batchSize: 64, epochs: 0.01 }, 3), 1);
  assert.is(plan({ batchSize: 4, epochs: 9, steps: 7 }, 100), 7);
});

test('defaults of learning rate, warm-up, last rate and evaluation depend on the run', () => {
  for (const [options, peak] of [
    [SCRATCH, 6e-4],
    [{ model: storiesTiny }, 1e-4],
    [{ model: storiesTiny, lora: {} }, 1e-3],
    [{ ...SCRATCH, learningRate: 0.5 }, 0.5],
  ] as const) {
    const { schedule, evaluateEvery } = planOf({ ...options, steps: 59 });
    assert.equal(schedule, { peak, steps: 59, warmup: 2, decay: 'cosine', final: peak / 10 });
    assert.is(evaluateEvery, 5);
  }
  const short = planOf({ ...SCRATCH, steps: 3 });
  assert.is(short.schedule.warmup, 0);
  assert.is(short.evaluateEvery, 1);
  const given = { warmup: 3, finalLearningRate: 0, evaluateEvery: 2, schedule: 'linear' } as const;
  const { schedule, evaluateEvery } = planOf({ ...SCRATCH, ...given, steps: 9 });
  assert.equal([schedule.warmup, schedule.final, schedule.decay, evaluateEvery], [3, 0, 'linear', 2]);
});

test('a run is refused if it lacks one byte of memory, that of best weights included', async () => {
  const shape = { batch: 4, length: 32 };
  const { total, gradients } = estimateTrainingMemory(TINY, shape);
  checkMemory(TINY, shape, {}, total);
  await thrown(() => checkMemory(TINY, shape, {}, total - 1), 'out-of-memory', 'are free');
  checkMemory(TINY, shape, { patience: 2 }, total + gradients);
  const patient = () => checkMemory(TINY, shape, { patience: 2 }, total + gradients - 1);
  await thrown(patient, 'out-of-memory', 'best weights');
});

test.run();
