import { checkArray } from '../../../base/check_lists.js';
import { checkNumber, whole } from '../../../base/check_number.js';
import { checkOptionNames, invalidOption, quotedList } from '../../../base/check_options.js';
import type { Prompt } from '../../../generate/prompt.js';
import type { Work } from '../../../model/remote_models.js';
import type { AnyModel } from '../../any_model.js';
import { checkModel, runOperation } from '../../run_operation.js';
import { chosenNumbers } from '../chosen_numbers.js';
import { STATE_POSITIONS, type StatePosition } from '../states_here.js';
import { textList } from '../text_list.js';
import { checkGroups, checkLabels } from './labels.js';
import type { Probe, ProbeLabel } from './results.js';

/** What is probed for, and where. */
export interface ProbeOptions extends Work {
  /** The texts: at least 4. */
  readonly texts: readonly Prompt[];
  /** Labels: classes as strings or true and false, each twice or more; or numbers of up to 1e100. */
  readonly labels: readonly ProbeLabel[];
  /**
   * The group of each text, such as the template that it is made of: texts of a group are left out together. There are
   * 3 groups or more, of up to 2048 texts. Without them, a probe that only knows a template from the texts beside is
   * thought to know more. Default: each text alone.
   */
  readonly groups?: readonly (string | number)[] | undefined;
  /** Layers: 0 is the residual stream after the embeddings, n after the first n layers. Default: all. */
  readonly layers?: ArrayLike<number> | undefined;
  /** Of which tokens of a text the numbers are taken: the `last` one (default), or the `mean` over all. */
  readonly position?: StatePosition | undefined;
  /**
   * Penalties of the squared weights to choose from, 1e-6 to 1e6, relative to the mean squared distance of the numbers
   * from their mean. Default: powers of 10 from 1e-4 to 100.
   */
  readonly penalties?: readonly number[] | undefined;
  /** Parts that are left out in turn, 2 to 100; default 5. */
  readonly folds?: number | undefined;
  /** Seed of the division into parts, a whole number from 0. Default: 0. */
  readonly seed?: number | undefined;
}

const OPTION_NAMES = Object.keys({
  texts: true,
  labels: true,
  groups: true,
  layers: true,
  position: true,
  penalties: true,
  folds: true,
  seed: true,
  signal: true,
  onProgress: true,
} satisfies Record<keyof ProbeOptions, true>);

const PENALTIES = [1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100];
const LEAST_TEXTS = 4;

/**
 * Finds out what can be read from the residual stream by a linear function (Alain and Bengio 2016): ridge regression
 * (Hoerl and Kennard 1970) from its numbers to labels, one output for each class. Accuracy and R2 are of texts that
 * were left out of the fit; the penalty is chosen within the other texts, each of which (or each group) is left out in
 * turn. `applyProbe` uses the fit to all texts. Accuracy says that a layer has the information, not that the model uses
 * it.
 *
 * Progress counts texts that are read and fits. Throws `invalid-option`; `context-full` for a text with more tokens
 * than the context has positions; `out-of-memory` for more than 1 GiB of numbers of all layers, or 2^25 numbers of a fit;
 * `aborted`.
 */
export async function probe(model: AnyModel, options: ProbeOptions): Promise<Probe> {
  checkModel(model);
  checkOptionNames('probe', options, OPTION_NAMES);
  const { position = 'last', folds = 5, seed = 0, penalties = PENALTIES, signal, onProgress } = options;
  const texts = textList(model, options.texts, 'texts');
  checkNumber('the number of texts', texts.length, whole(LEAST_TEXTS));
  const groups = checkGroups(options.groups, texts.length);
  const labels = checkLabels(options.labels, groups);
  const layers = chosenNumbers('layers', options.layers, model.config.layers + 1);
  if (!STATE_POSITIONS.includes(position)) {
    throw invalidOption('position', position, quotedList(STATE_POSITIONS));
  }
  checkPenalties(penalties);
  checkNumber('folds', folds, whole(2, 100));
  checkNumber('seed', seed, whole(0));
  const args = {
    ...{ texts, labels, groups, layers, position, penalties, seed },
    folds: Math.min(folds, groups.length),
  };
  return runOperation(model, 'probe', args, { signal, onProgress });
}

function checkPenalties(penalties: unknown): void {
  const isPenalty = (value: unknown) => typeof value === 'number' && value >= 1e-6 && value <= 1e6;
  const right = 'a list of 1 to 100 numbers from 1e-6 to 1e6';
  checkArray('penalties', penalties, right, isPenalty);
  if (penalties.length < 1 || penalties.length > 100) throw invalidOption('penalties', penalties, right);
}
