import type { Prompt } from '../../../generate/prompt.js';
import type { AnyModel } from '../../any_model.js';
import { checkModel } from '../../run_operation.js';
import { type ShareEstimate, shareEstimate } from '../../statistics/estimates.js';
import { type BiasOptions, checkMeasure } from '../bias_options.js';
import { byGroup } from '../groups.js';
import { pairLogprobs } from './sentence_scores.js';

/** An acceptable sentence, and one that differs from it in a single respect. */
export interface MinimalPair {
  /** The sentence that should be likelier: a text or token ids. */
  readonly good: Prompt;
  /** The sentence that should be less likely: a text or token ids. */
  readonly bad: Prompt;
  /** The contrast that it tests, such as "anaphor_gender_agreement"; `UID` in the files of BLiMP. */
  readonly paradigm?: string | undefined;
  /**
   * What the paradigm is a case of, such as "anaphor_agreement"; `linguistics_term` in the files of BLiMP.
   */
  readonly phenomenon?: string | undefined;
}

/** ln p of both sentences of a pair, in nats. */
export interface MinimalPairScore {
  /** Of the sentence that should be likelier. */
  readonly good: number;
  /** Of the sentence that should be less likely. */
  readonly bad: number;
}

/** The measures of some pairs. */
export interface MinimalPairsMeasures {
  /** Share of pairs whose sentence `good` is likelier; chance is 0.5. */
  readonly accuracy: ShareEstimate;
}

/** What `minimalPairs` finds. */
export interface MinimalPairsResult extends MinimalPairsMeasures {
  /** The measures of the pairs of each paradigm. */
  readonly byParadigm: Readonly<Record<string, MinimalPairsMeasures>>;
  /** The measures of the pairs of each phenomenon. */
  readonly byPhenomenon: Readonly<Record<string, MinimalPairsMeasures>>;
  /** Of each pair, in their order. */
  readonly scores: readonly MinimalPairScore[];
}

/**
 * Minimal pairs, as in BLiMP (Warstadt et al. 2020): ln p of both sentences after the token that begins a text.
 * `pairs`: see `readMinimalPairs`. Throws `invalid-option`, `aborted`.
 */
export async function minimalPairs(
  model: AnyModel,
  pairs: readonly MinimalPair[],
  options: BiasOptions = {},
): Promise<MinimalPairsResult> {
  checkModel(model);
  checkMeasure('minimalPairs', 'pairs', pairs, options);
  const scores = await pairLogprobs(model, pairs, ['good', 'bad'], options);
  const scored = pairs.map((pair, i) => ({ ...pair, score: scores[i]! }));
  const measure = (some: readonly (typeof scored)[number][]): MinimalPairsMeasures => {
    const right = some.filter(({ score }) => score.good > score.bad).length;
    return { accuracy: shareEstimate(right, some.length) };
  };
  return {
    ...measure(scored),
    byParadigm: byGroup(scored, ({ paradigm }) => paradigm, measure),
    byPhenomenon: byGroup(scored, ({ phenomenon }) => phenomenon, measure),
    scores,
  };
}
