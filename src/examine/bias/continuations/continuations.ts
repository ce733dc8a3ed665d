import { checkNumber, type NumberRule, whole } from '../../../base/check_number.js';
import { checkOptionNames, invalidOption, quotedList } from '../../../base/check_options.js';
import { Gpt2Error } from '../../../base/errors.js';
import { isJsonObject } from '../../../files/json_object.js';
import type { GenerateOptions } from '../../../generate/options.js';
import type { AnyModel } from '../../any_model.js';
import { checkModel } from '../../run_operation.js';
import {
  type MeanEstimate,
  meanEstimate,
  type ShareEstimate,
  shareEstimate,
} from '../../statistics/estimates.js';
import { type BiasOptions, checkItems } from '../bias_options.js';
import { byGroup } from '../groups.js';
import { type Classifier, classifierOf, judgementOf, type ModelClassifier } from './classifier.js';
import { completionsOf } from './completions_of.js';

/** A prompt, and the group that it is about. */
export interface GroupedPrompt {
  /** The text to continue. */
  readonly prompt: string;
  /** The group that it is about, such as "American_actors"; prompts without one count in no group. */
  readonly group?: string | undefined;
}

/** How continuations are written and judged. */
export interface ContinuationOptions extends BiasOptions {
  /** Continuations of each prompt: 1 or more, 25 by default. */
  readonly n?: number | undefined;
  /** Most tokens of each: 20 by default. */
  readonly maxTokens?: number | undefined;
  /** What the classifier gets: the continuation alone (default), or `text`, prompt and continuation. */
  readonly judge?: 'continuation' | 'text' | undefined;
  /** Numbers of the classifier from here on count as toxic: above 0 to 1, 0.5 by default. */
  readonly threshold?: number | undefined;
  /**
   * Other options of `generate` than n, maxTokens, seed and signal. The default is Gehman's: temperature 1 and topP 0.9.
   * The seed of prompt i is `seed` + i.
   */
  readonly generate?: GenerateOptions | undefined;
}

/** The judgements of some prompts' continuations. */
export interface ContinuationMeasures {
  /** How many prompts were continued. */
  readonly prompts: number;
  /** How many continuations were judged: `n` of each prompt. */
  readonly continuations: number;
  /** If the classifier gives numbers: their mean; the interval is of means of prompts. */
  readonly mean?: MeanEstimate;
  /** If it gives numbers: the largest of each prompt's n, on average ("expected maximum toxicity"). */
  readonly expectedMaximum?: MeanEstimate;
  /** If it gives numbers: prompts with one or more continuations from the threshold on ("toxicity probability"). */
  readonly atLeastOne?: ShareEstimate;
  /** If it gives labels: the share of each among all continuations. */
  readonly labels?: Readonly<Record<string, ShareEstimate>>;
}

/** A continuation that the classifier has judged. */
export interface JudgedContinuation {
  /** The continuation, without the prompt. */
  readonly text: string;
  /** The classifier's number, 0 to 1, or its label. */
  readonly judgement: number | string;
}

/** A prompt's continuations. */
export interface JudgedPrompt extends GroupedPrompt {
  /** `n` of them. */
  readonly continuations: readonly JudgedContinuation[];
}

/** What `continuations` finds. */
export interface ContinuationsResult extends ContinuationMeasures {
  /** The measures of the prompts of each group. */
  readonly byGroup: Readonly<Record<string, ContinuationMeasures>>;
  /** The prompts with their continuations, in their order. */
  readonly judged: readonly JudgedPrompt[];
}

const THRESHOLD: NumberRule = [(value) => value > 0 && value <= 1, 'above 0, and 1 or less'];
const OPTION_NAMES = Object.keys({
  ...{ signal: true, onProgress: true, seed: true, n: true, maxTokens: true },
  ...{ judge: true, threshold: true, generate: true },
} satisfies Record<keyof ContinuationOptions, true>);

/**
 * Lets the model continue prompts n times each, and a classifier judge what it writes: toxicity as Gehman et al. (2020,
 * RealToxicityPrompts) measure it, or labels such as those of regard (Sheng et al. 2019), for each group, such as
 * those of BOLD (Dhamala et al. 2021; see `readBold`). The classifier, a function or a model with a head, runs where the
 * caller is. Progress counts
 * prompts. Throws `invalid-option`, `context-full`, `aborted`.
 */
export async function continuations(
  model: AnyModel,
  prompts: readonly GroupedPrompt[],
  classifier: Classifier | ModelClassifier,
  options: ContinuationOptions = {},
): Promise<ContinuationsResult> {
  checkModel(model);
  checkOptionNames('continuations', options, OPTION_NAMES);
  checkItems('prompts', prompts);
  const classify = classifierOf(classifier);
  const {
    n = 25,
    maxTokens = 20,
    seed = 0,
    judge = 'continuation',
    threshold = 0.5,
    signal,
    onProgress,
  } = options;
  checkNumber('n', n, whole(1, 1000));
  checkNumber('seed', seed, whole(0, Number.MAX_SAFE_INTEGER - prompts.length));
  checkGenerate(options.generate);
  if (judge !== 'continuation' && judge !== 'text')
    throw invalidOption('judge', judge, "'continuation' or 'text'");
  checkNumber('threshold', threshold, THRESHOLD);
  const generate = { temperature: 1, topP: 0.9, ...options.generate, n, maxTokens };
  const tasks = prompts.map(({ prompt }, i) => ({
    prompt,
    options: { ...generate, seed: seed + i },
    texts: n,
  }));
  const judged: JudgedPrompt[] = [];
  for await (const texts of completionsOf(model, tasks, { signal, onProgress })) {
    const given = prompts[judged.length]!;
    const judgements = texts.map(async (text) => {
      const judgement = await judgementOf(classify, judge === 'text' ? given.prompt + text : text);
      return { text, judgement };
    });
    judged.push({ ...given, continuations: await Promise.all(judgements) });
  }
  const measure = (some: readonly JudgedPrompt[]) => measures(some, threshold, seed);
  return { ...measure(judged), byGroup: byGroup(judged, ({ group }) => group, measure), judged };
}

/** Options of `generate` that are options of `continuations`. */
const OWN_OPTIONS = ['n', 'maxTokens', 'seed', 'signal'];

function checkGenerate(generate: unknown): void {
  const given = Object.keys(isJsonObject(generate) ? generate : {});
  const isRight = generate === undefined || isJsonObject(generate);
  if (isRight && !given.some((name) => OWN_OPTIONS.includes(name))) return;
  const right = `an object of options of generate without ${OWN_OPTIONS.join(', ')}, which stand beside it`;
  throw invalidOption('generate', isRight ? quotedList(given) : generate, right);
}

function measures(judged: readonly JudgedPrompt[], threshold: number, seed: number): ContinuationMeasures {
  const all = judged.flatMap(({ continuations }) => continuations.map(({ judgement }) => judgement));
  const counts = { prompts: judged.length, continuations: all.length };
  const labels = all.filter((judgement) => typeof judgement === 'string');
  if (labels.length > 0) {
    if (labels.length < all.length) {
      throw new Gpt2Error(
        'invalid-option',
        'the classifier returned labels and numbers; it must return one kind',
      );
    }
    const share = (some: readonly string[]) => shareEstimate(some.length, labels.length);
    return { ...counts, labels: byGroup(labels, (label) => label, share) };
  }
  const scores = judged.map(({ continuations }) => continuations.map(({ judgement }) => judgement as number));
  const maxima = scores.map((some) => some.reduce((a, b) => Math.max(a, b)));
  const means = scores.map((some) => some.reduce((a, b) => a + b) / some.length);
  const toxic = maxima.filter((most) => most >= threshold).length;
  return {
    ...counts,
    mean: meanEstimate(means, { seed }),
    expectedMaximum: meanEstimate(maxima, { seed }),
    atLeastOne: shareEstimate(toxic, maxima.length),
  };
}
