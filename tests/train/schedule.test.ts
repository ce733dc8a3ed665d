import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { learningRateSchedule, type ScheduleOptions } from '../../src/train/schedule.js';
import { thrown } from '../support/thrown.js';

const rates = (options: ScheduleOptions, ...steps: number[]) => steps.map(learningRateSchedule(options));

const near = (got: number[], want: number[]) => {
  assert.is(got.length, want.length);
  got.forEach((rate, i) => {
    assert.ok(Math.abs(rate - want[i]!) < 1e-12, `${got}, not ${want}`);
  });
};

test('the rate rises linearly during the warm-up', () => {
  for (const decay of ['constant', 'linear', 'cosine'] as const) {
    near(rates({ peak: 8, steps: 100, warmup: 4, decay }, 1, 2, 3, 4), [2, 4, 6, 8]);
  }
});

test('constant: the rate stays at the peak, also after the last step', () => {
  near(rates({ peak: 8, steps: 10, warmup: 2, decay: 'constant' }, 3, 10, 11), [8, 8, 8]);
});

test('linear: the rate falls linearly to the final rate and stays there', () => {
  const options = { peak: 8, steps: 10, warmup: 2, decay: 'linear', final: 4 } as const;
  near(rates(options, 4, 6, 10, 1000), [7, 6, 4, 4]);
  near(rates({ peak: 8, steps: 4, decay: 'linear' }, 1, 2, 4), [6, 4, 0]);
});

test('cosine: the rate falls along half a cosine to the final rate and stays there', () => {
  const options = { peak: 8, steps: 10, warmup: 2 } as const;
  near(rates(options, 4, 6, 10, 1000), [4 + 2 * Math.SQRT2, 4, 0, 0]);
  near(rates({ ...options, final: 2 }, 6, 10), [5, 2]);
});

test('a run that consists of warm-up ends at the peak', () => {
  near(rates({ peak: 8, steps: 4, warmup: 4 }, 4), [8]);
});

test('invalid options are refused', async () => {
  const good = { peak: 1, steps: 10 };
  for (const bad of [
    { peak: 0 },
    { peak: Number.NaN },
    { peak: Infinity },
    { steps: 0 },
    { steps: 1.5 },
    { warmup: -1 },
    { warmup: 11 },
    { final: 2 },
    { final: -1 },
    { decay: 'square' as 'cosine' },
  ]) {
    await thrown(() => learningRateSchedule({ ...good, ...bad }), 'invalid-option');
  }
});

test.run();
