import { checkOptionNames, invalidOption } from '../../../base/check_options.js';
import { Gpt2Error } from '../../../base/errors.js';
import type { Prompt } from '../../../generate/prompt.js';
import type { AnyModel } from '../../any_model.js';
import { checkModel } from '../../run_operation.js';
import { bootstrap } from '../../statistics/bootstrap.js';
import {
  intervalOf,
  type MeanEstimate,
  meanEstimate,
  type ShareEstimate,
  shareEstimate,
} from '../../statistics/estimates.js';
import type { Interval } from '../../statistics/interval.js';
import { correlationOf } from '../../statistics/moments.js';
import { type BiasOptions, checkMeasure } from '../bias_options.js';
import { byGroup, groupsOf } from '../groups.js';
import { sentenceLogprobs } from './sentence_scores.js';

/** A sentence of Winogender. */
export interface WinogenderSentence {
  /** The occupation of one person, such as "technician". */
  readonly occupation: string;
  /** The other person in the sentence, such as "customer". */
  readonly participant: string;
  /** Whom the pronoun refers to. */
  readonly about: 'occupation' | 'participant';
  /** Gender of the pronoun. */
  readonly gender: 'male' | 'female' | 'neutral';
  /** A text or token ids. */
  readonly text: Prompt;
}

/** Options of `winogender`. */
export interface WinogenderOptions extends BiasOptions {
  /** Percentage of women in each occupation, 0 to 100; see `readOccupationStatistics`. */
  readonly percentFemale?: ReadonlyMap<string, number> | undefined;
}

/** The measures of some sentences. */
export interface WinogenderMeasures {
  /** Share of sentences that are likelier with the female pronoun than with the male one. */
  readonly female: ShareEstimate;
  /** Mean of ln p(female) - ln p(male), in nats. */
  readonly difference: MeanEstimate;
}

/** What `winogender` finds. */
export interface WinogenderResult extends WinogenderMeasures {
  /** The measures by whom the pronoun refers to: `occupation` or `participant`. */
  readonly byAbout: Readonly<Record<string, WinogenderMeasures>>;
  /** Of sentences whose pronoun refers to the occupation. */
  readonly byOccupation: Readonly<Record<string, WinogenderMeasures>>;
  /**
   * Pearson's correlation, over the occupations in `percentFemale`, of the mean difference and the percentage of
   * women; `undefined` without two such occupations that differ.
   */
  readonly correlation: Correlation | undefined;
}

/** A correlation with its bootstrapped interval of 95 %. */
export interface Correlation {
  /** From -1 to 1. */
  readonly value: number;
  /** How many occupations it is computed over. */
  readonly occupations: number;
  /** The bootstrap draws occupations; `undefined` if its samples do not differ. */
  readonly interval: Interval | undefined;
}

interface Difference {
  readonly occupation: string;
  readonly about: string;
  readonly difference: number;
}

/**
 * Winogender (Rudinger et al. 2018) for a left-to-right model: ln p of the whole sentences with a female and a male
 * pronoun after the token that begins a text. `sentences`: see `readWinogender`; those with neutral pronouns are
 * not compared. Throws `invalid-option`, also for a sentence without its other gender; `aborted`.
 */
export async function winogender(
  model: AnyModel,
  sentences: readonly WinogenderSentence[],
  options: WinogenderOptions = {},
): Promise<WinogenderResult> {
  const { percentFemale, ...others } = options;
  checkModel(model);
  checkOptionNames('winogender', options, ['signal', 'onProgress', 'seed', 'percentFemale']);
  checkMeasure('winogender', 'sentences', sentences, others);
  if (percentFemale !== undefined && typeof percentFemale?.get !== 'function') {
    throw invalidOption('percentFemale', percentFemale, 'a map of percentages by occupation');
  }
  const gendered = sentences.filter(({ gender }) => gender !== 'neutral');
  if (gendered.length === 0) {
    throw new Gpt2Error('invalid-option', 'sentences have no male and no female pronoun');
  }
  const pairs = pairsOf(gendered);
  const logprobs = await sentenceLogprobs(
    model,
    pairs.flatMap(({ female, male }) => [female.text, male.text]),
    options,
  );
  const differences = pairs.map(({ female: { occupation, about } }, i) => ({
    occupation,
    about,
    difference: logprobs[2 * i]! - logprobs[2 * i + 1]!,
  }));
  const measure = (some: readonly Difference[]): WinogenderMeasures => ({
    female: shareEstimate(some.filter(({ difference }) => difference > 0).length, some.length),
    difference: meanEstimate(
      some.map(({ difference }) => difference),
      options,
    ),
  });
  const ofOccupation = differences.filter(({ about }) => about === 'occupation');
  const byOccupation = byGroup(ofOccupation, ({ occupation }) => occupation, measure);
  return {
    ...measure(differences),
    byAbout: byGroup(differences, ({ about }) => about, measure),
    byOccupation,
    correlation: percentFemale && correlationWith(percentFemale, byOccupation, options),
  };
}

interface GenderPair {
  readonly female: WinogenderSentence;
  readonly male: WinogenderSentence;
}

/** Sentences that are the same but for the gender. Throws `invalid-option`. */
function pairsOf(sentences: readonly WinogenderSentence[]): GenderPair[] {
  const keyOf = ({ occupation, participant, about }: WinogenderSentence) =>
    JSON.stringify([occupation, participant, about]);
  return Array.from(groupsOf(sentences, keyOf).values(), (same) => {
    const [female, male] = ['female', 'male'].map((gender) => same.filter((each) => each.gender === gender));
    if (female!.length === 1 && male!.length === 1) return { female: female![0]!, male: male![0]! };
    const { occupation, participant, about } = same[0]!;
    const which = `about the ${about} with ${occupation} and ${participant}`;
    throw new Gpt2Error(
      'invalid-option',
      `sentences ${which}: one with a female and one with a male pronoun are needed`,
    );
  });
}

function correlationWith(
  percentFemale: ReadonlyMap<string, number>,
  byOccupation: Readonly<Record<string, WinogenderMeasures>>,
  options: BiasOptions,
): Correlation | undefined {
  const known = Object.entries(byOccupation).filter(([occupation]) => percentFemale.has(occupation));
  const percents = known.map(([occupation]) => percentFemale.get(occupation)!);
  const means = known.map(([, { difference }]) => difference.mean);
  const value = correlationOf(means, percents);
  if (value === undefined) return undefined;
  const sampled = (indices: Int32Array) => {
    const of = (values: readonly number[]) => Array.from(indices, (i) => values[i]!);
    return correlationOf(of(means), of(percents));
  };
  const { seed } = options;
  return {
    value,
    occupations: known.length,
    interval: intervalOf(bootstrap(known.length, sampled, { seed })),
  };
}
