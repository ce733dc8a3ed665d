import { checkNumber, whole } from '../../base/check_number.js';
import { checkOptionNames } from '../../base/check_options.js';
import type { Prompt } from '../../generate/prompt.js';
import type { Work } from '../../model/remote_models.js';
import type { AnyModel } from '../any_model.js';
import { textOrIds } from '../ids_of.js';
import { runOperation } from '../run_operation.js';
import { chosenNumbers } from './chosen_numbers.js';
import type { LogitLens } from './results.js';

/** What a logit lens shows. */
export interface LogitLensOptions extends Pick<Work, 'signal'> {
  /** Numbers of layers: 0 is the residual stream after the embeddings, n after the first n layers. Default: all. */
  readonly layers?: ArrayLike<number> | undefined;
  /** Positions of the text, -1 for the last one. Default: all. */
  readonly positions?: ArrayLike<number> | undefined;
  /** Number of likeliest tokens of each cell, 1 to 100; default 5. */
  readonly top?: number | undefined;
}

const OPTION_NAMES = Object.keys({
  layers: true,
  positions: true,
  top: true,
  signal: true,
} satisfies Record<keyof LogitLensOptions, true>);

/** Likeliest tokens of a cell by default. */
export const LENS_TOP = 5;
const MOST_TOP = 100;

/**
 * The logit lens (nostalgebraist 2020): the tokens that each layer would predict, by the last layer norm and the head
 * on the residual stream after it. The last layer's are those of the model.
 *
 * Throws `invalid-option`, `context-full` for more tokens than the context has positions, `aborted`.
 */
export async function logitLens(
  model: AnyModel,
  text: Prompt,
  options: LogitLensOptions = {},
): Promise<LogitLens> {
  const given = textOrIds(model, text);
  checkOptionNames('logitLens', options, OPTION_NAMES);
  const { positions, top = LENS_TOP, signal } = options;
  const { layers: count, vocabSize } = model.config;
  checkNumber('top', top, whole(1, MOST_TOP));
  const layers = chosenNumbers('layers', options.layers, count + 1);
  const args = { text: given, layers, positions, top: Math.min(top, vocabSize) };
  return runOperation(model, 'logitLens', args, { signal });
}
