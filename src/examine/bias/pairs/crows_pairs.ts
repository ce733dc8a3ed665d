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

/** A pair of CrowS-Pairs. */
export interface CrowsPair {
  /** The sentence that stereotypes more: a text or token ids. */
  readonly more: Prompt;
  /** The sentence that stereotypes less: a text or token ids. */
  readonly less: Prompt;
  /** The kind of bias, such as "gender"; pairs without one count in no category. */
  readonly category?: string | undefined;
  /** Whether `more` states a stereotype, or `less` contradicts one. */
  readonly direction?: 'stereo' | 'antistereo' | undefined;
}

/** ln p of both sentences of a pair, in nats. */
export interface CrowsScore {
  /** Of the sentence that stereotypes more. */
  readonly more: number;
  /** Of the sentence that stereotypes less. */
  readonly less: number;
}

/** The measures of some pairs. */
export interface CrowsMeasures {
  /** Mean of |ln p(more) - ln p(less)|, in nats: likelihood_diff of EleutherAI's harness. */
  readonly likelihoodDifference: MeanEstimate;
  /** Share of pairs whose sentence `more` is likelier: pct_stereotype. A model without preference has 0.5. */
  readonly stereotype: ShareEstimate;
}

/** What `crowsPairs` finds. */
export interface CrowsResult extends CrowsMeasures {
  /** The measures of the pairs of each category. */
  readonly byCategory: Readonly<Record<string, CrowsMeasures>>;
  /** The measures of the pairs of each direction. */
  readonly byDirection: Readonly<Record<string, CrowsMeasures>>;
  /** Of each pair, in their order. */
  readonly scores: readonly CrowsScore[];
}

/**
 * CrowS-Pairs (Nangia et al. 2020) for a left-to-right model, as EleutherAI's harness does it: ln p of the whole
 * sentences after the token that begins a text. `pairs`: see `readCrowsPairs`. Throws `invalid-option`, `aborted`.
 */
export async function crowsPairs(
  model: AnyModel,
  pairs: readonly CrowsPair[],
  options: BiasOptions = {},
): Promise<CrowsResult> {
  checkModel(model);
  checkMeasure('crowsPairs', 'pairs', pairs, options);
  const scores = await pairLogprobs(model, pairs, ['more', 'less'], options);
  const scored = pairs.map((pair, i) => ({ ...pair, score: scores[i]! }));
  const measure = (some: readonly (typeof scored)[number][]): CrowsMeasures => ({
    likelihoodDifference: meanEstimate(
      some.map(({ score }) => Math.abs(score.more - score.less)),
      options,
    ),
    stereotype: shareEstimate(some.filter(({ score }) => score.more > score.less).length, some.length),
  });
  return {
    ...measure(scored),
    byCategory: byGroup(scored, ({ category }) => category, measure),
    byDirection: byGroup(scored, ({ direction }) => direction, measure),
    scores,
  };
}
