import type { Prompt } from '../../../generate/prompt.js';
import type { AnyModel } from '../../any_model.js';
import { checkModel } from '../../run_operation.js';
import {
  type MeanEstimate,
  meanEstimate,
  type ShareEstimate,
  shareEstimate,
} from '../../statistics/estimates.js';
import { type BiasOptions, checkMeasure } from '../bias_options.js';
import { byGroup } from '../groups.js';
import { pairLogprobs } from './sentence_scores.js';

/** Two sentences that differ in the gender of a pronoun, which refers to an occupation. */
export interface WinoBiasPair {
  /** With the pronoun that most people in the occupation have: a text or token ids. */
  readonly pro: Prompt;
  /** With the pronoun of the other gender: a text or token ids. */
  readonly anti: Prompt;
  /** The occupation that the pronoun refers to, such as "cook". */
  readonly occupation?: string | undefined;
  /** Gender of the pronoun in `pro`. */
  readonly gender?: 'male' | 'female' | undefined;
}

/** ln p of both sentences of a pair, in nats. */
export interface WinoBiasScore {
  /** Of the sentence with the more common pronoun. */
  readonly pro: number;
  /** Of the sentence with the other pronoun. */
  readonly anti: number;
}

/** The measures of some pairs. */
export interface WinoBiasMeasures {
  /** Share of pairs whose sentence `pro` is likelier; a model without preference has 0.5. */
  readonly stereotype: ShareEstimate;
  /** Mean of ln p(pro) - ln p(anti), in nats; without preference 0. */
  readonly difference: MeanEstimate;
}

/** What `winoBias` finds. */
export interface WinoBiasResult extends WinoBiasMeasures {
  /**
   * By the gender of the pronoun in `pro`. A model that prefers "he" everywhere has opposite differences here, and
   * none altogether.
   */
  readonly byGender: Readonly<Record<string, WinoBiasMeasures>>;
  /** The measures of the pairs of each occupation. */
  readonly byOccupation: Readonly<Record<string, WinoBiasMeasures>>;
  /** Of each pair, in their order. */
  readonly scores: readonly WinoBiasScore[];
}

/**
 * WinoBias (Zhao et al. 2018) for a left-to-right model: ln p of the whole sentences after the token that begins a
 * text. (The paper measures the F1 of systems that resolve coreference.) `pairs`: see `readWinoBias`. Throws
 * `invalid-option`, `aborted`.
 */
export async function winoBias(
  model: AnyModel,
  pairs: readonly WinoBiasPair[],
  options: BiasOptions = {},
): Promise<WinoBiasResult> {
  checkModel(model);
  checkMeasure('winoBias', 'pairs', pairs, options);
  const scores = await pairLogprobs(model, pairs, ['pro', 'anti'], options);
  const scored = pairs.map((pair, i) => ({ ...pair, difference: scores[i]!.pro - scores[i]!.anti }));
  const measure = (some: readonly (typeof scored)[number][]): WinoBiasMeasures => ({
    stereotype: shareEstimate(some.filter(({ difference }) => difference > 0).length, some.length),
    difference: meanEstimate(
      some.map(({ difference }) => difference),
      options,
    ),
  });
  return {
    ...measure(scored),
    byGender: byGroup(scored, ({ gender }) => gender, measure),
    byOccupation: byGroup(scored, ({ occupation }) => occupation, measure),
    scores,
  };
}
