import { BITS_32, checkNumber, whole } from '../../base/check_number.js';
import { checkOptionNames } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Work } from '../../model/remote_models.js';
import type { AnyModel } from '../any_model.js';
import { checkModel, runOperation } from '../run_operation.js';
import type { InductionScore } from './results.js';

/** How heads are tested. */
export interface InductionOptions extends Work {
  /** Number of random tokens, which are then repeated: 2 to half of the context. Default: 50, or what fits. */
  readonly length?: number | undefined;
  /** Number of such texts, 1 to 100. Default: 4. */
  readonly texts?: number | undefined;
  /** Seed of the random tokens. Default: 0. */
  readonly seed?: number | undefined;
}

const OPTION_NAMES = Object.keys({
  length: true,
  texts: true,
  seed: true,
  signal: true,
  onProgress: true,
} satisfies Record<keyof InductionOptions, true>);

const LENGTH = 50;
const LEAST = 2;

/**
 * Finds induction heads (Olsson et al. 2022): a text of random tokens is repeated, and each head is scored by how much
 * it attends from the second copy of a token to the token that followed the first one. One score for each head, layer
 * after layer.
 *
 * Progress counts texts. Throws `invalid-option`, also for a context that is too short; `aborted`.
 */
export async function inductionScores(
  model: AnyModel,
  options: InductionOptions = {},
): Promise<InductionScore[]> {
  checkModel(model);
  checkOptionNames('inductionScores', options, OPTION_NAMES);
  const { texts = 4, seed = 0, signal, onProgress } = options;
  const most = Math.floor(model.config.contextLength / 2);
  if (most < LEAST) {
    const message = `the context of ${model.config.contextLength} tokens is too short for repeated texts`;
    throw new Gpt2Error('invalid-option', message);
  }
  const { length = Math.min(LENGTH, most) } = options;
  checkNumber('length', length, whole(LEAST, most));
  checkNumber('texts', texts, whole(1, 100));
  checkNumber('seed', seed, BITS_32);
  return runOperation(model, 'inductionScores', { length, texts, seed }, { signal, onProgress });
}
