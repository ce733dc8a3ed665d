import { throwIfAborted } from '../base/errors.js';
import type { Core, Evaluation } from './types.js';

/**
 * Evaluates a sequence that is not used afterwards. Throws `aborted` if the signal fires, with `what` as the
 * name of the work.
 */
export async function evaluateOnce(core: Core, evaluation: Evaluation, what: string): Promise<void> {
  const sequence = core.sequence('call', evaluation.inputs !== undefined, evaluation.inputs?.memory);
  try {
    await sequence.evaluate(evaluation);
  } finally {
    sequence.release();
  }
  throwIfAborted(evaluation.signal, what);
}
