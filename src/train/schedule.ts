import { checkNumber, whole } from '../base/check_number.js';
import { checkOptionNames, show } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { sinPi } from '../base/exact_math.js';

/** How the learning rate falls after the warm-up. */
export type Decay = 'cosine' | 'linear' | 'constant';

/** Decay factor from 1 (peak rate) to 0 (final rate) as a function of the share of steps that are done. */
const SHAPES: Readonly<Record<Decay, (done: number) => number>> = {
  // (1 + cos(pi done)) / 2; `Math.cos` differs between engines in the last bit.
  cosine: (done) => sinPi((1 - done) / 2) ** 2,
  linear: (done) => 1 - done,
  constant: () => 1,
};

export const DECAYS = Object.keys(SHAPES) as readonly Decay[];

/** How the learning rate changes during a run. */
export interface ScheduleOptions {
  /** Learning rate at the end of the warm-up. */
  readonly peak: number;
  /** Steps of the whole run. */
  readonly steps: number;
  /** Number of first steps in which the rate rises linearly from peak / warmup to the peak. Default 0. */
  readonly warmup?: number;
  /** Shape of the decay. Default 'cosine': half a period of a cosine (Loshchilov and Hutter 2017). */
  readonly decay?: Decay;
  /** Learning rate of the last step, if it decays. Default 0. */
  readonly final?: number;
}

/**
 * The learning rate as a function of the step, from 1; after `steps` it stays the same. Throws
 * `invalid-option`.
 */
export function learningRateSchedule(options: ScheduleOptions): (step: number) => number {
  checkOptionNames('learningRateSchedule', options, ['peak', 'steps', 'warmup', 'decay', 'final']);
  const { peak, steps, warmup = 0, decay = 'cosine', final = 0 } = options;
  const wrong = (what: string) => new Gpt2Error('invalid-option', `learning-rate schedule: ${what}`);
  if (!(typeof peak === 'number' && peak > 0 && peak < Infinity))
    throw wrong(`peak is ${show(peak)}; it must be above 0`);
  if (!(Number.isSafeInteger(steps) && steps >= 1))
    throw wrong(`steps is ${show(steps)}; it must be a whole number from 1`);
  if (!(Number.isSafeInteger(warmup) && warmup >= 0 && warmup <= steps)) {
    throw wrong(`warmup is ${show(warmup)}; it must be a whole number from 0 to steps, ${steps}`);
  }
  if (!(typeof final === 'number' && final >= 0 && final <= peak))
    throw wrong(`final is ${show(final)}; it must be from 0 to peak, ${peak}`);
  if (!DECAYS.includes(decay)) throw wrong(`decay is ${show(decay)}; it must be constant, linear or cosine`);
  const shape = SHAPES[decay];
  return (step) => {
    checkNumber('step', step, whole(1));
    if (step <= warmup) return (peak * step) / warmup;
    const done = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
    return final + (peak - final) * shape(done);
  };
}
