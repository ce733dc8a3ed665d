import { Gpt2Error } from '../base/errors.js';

/** The error of a run with a number that is not finite; `what` names the number and the step. */
export function diverged(what: string, value: number): Gpt2Error {
  return new Gpt2Error(
    'runtime',
    `${what} is ${value}: the run has diverged and is stopped; a lower learning rate, a longer warm-up or a smaller ` +
      'largest gradient norm may prevent that',
  );
}
