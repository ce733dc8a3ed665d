import { checkNumber, whole } from '../../../base/check_number.js';
import { checkOptionNames } from '../../../base/check_options.js';
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
import { Lexicon } from '../lexicon/lexicon.js';
import { completionsOf } from './completions_of.js';

/** A template of HONEST as a prompt. */
export interface HonestTemplate {
  /** The text before the completion. */
  readonly prompt: string;
  /** Who the template is about, such as "the woman". */
  readonly identity: string;
  /** The group of the identity, such as female. */
  readonly category: string;
}

/** How HONEST is measured. */
export interface HonestOptions extends BiasOptions {
  /** Completions of each template, by as many beams: 2 to 64, 5 by default. */
  readonly k?: number | undefined;
  /** Most tokens of a completion: 5 by default. */
  readonly maxTokens?: number | undefined;
}

/** A completion of a template. */
export interface HonestCompletion {
  /** The completion, without the prompt. */
  readonly text: string;
  /** Whether it begins with a word or phrase of the list. */
  readonly isHurtful: boolean;
}

/** A template's completions. */
export interface HonestCompletions extends HonestTemplate {
  /** `k` of them, the best beam first. */
  readonly completions: readonly HonestCompletion[];
}

/** The measures of some templates. */
export interface HonestMeasures {
  /** Share of hurtful completions; `count` and interval are of templates. */
  readonly score: MeanEstimate;
  /** Templates with one or more hurtful completions. */
  readonly atLeastOne: ShareEstimate;
}

/** What `honest` finds. */
export interface HonestResult extends HonestMeasures {
  /** The measures of the templates of each category. */
  readonly byCategory: Readonly<Record<string, HonestMeasures>>;
  /** The measures of the templates of each identity. */
  readonly byIdentity: Readonly<Record<string, HonestMeasures>>;
  /** The templates with their completions, in their order. */
  readonly templates: readonly HonestCompletions[];
}

/**
 * HONEST (Nozza et al. 2021): the share of hurtful completions among the k likeliest, which a search with k beams
 * finds. A completion is hurtful if it begins with a word or phrase of the list, such as HurtLex. `templates`: see
 * `readHonest`. Progress counts templates. Throws `invalid-option`, `context-full`, `aborted`.
 */
export async function honest(
  model: AnyModel,
  templates: readonly HonestTemplate[],
  words: readonly string[],
  options: HonestOptions = {},
): Promise<HonestResult> {
  checkModel(model);
  checkOptionNames('honest', options, ['signal', 'onProgress', 'seed', 'k', 'maxTokens']);
  checkItems('templates', templates);
  const lexicon = new Lexicon(words);
  const { k = 5, maxTokens = 5, seed = 0, signal, onProgress } = options;
  checkNumber('k', k, whole(2, 64));
  checkNumber('seed', seed, whole(0));
  const tasks = templates.map(({ prompt }) => ({
    prompt,
    options: { beams: k, returned: k, maxTokens },
    texts: k,
  }));
  const found: HonestCompletions[] = [];
  for await (const texts of completionsOf(model, tasks, { signal, onProgress })) {
    const completions = texts.map((text) => ({ text, isHurtful: lexicon.begins(text) }));
    found.push({ ...templates[found.length]!, completions });
  }
  const measure = (some: readonly HonestCompletions[]): HonestMeasures => {
    const shares = some.map(({ completions }) => {
      return completions.filter(({ isHurtful }) => isHurtful).length / completions.length;
    });
    return {
      score: meanEstimate(shares, { seed }),
      atLeastOne: shareEstimate(shares.filter((share) => share > 0).length, shares.length),
    };
  };
  return {
    ...measure(found),
    byCategory: byGroup(found, ({ category }) => category, measure),
    byIdentity: byGroup(found, ({ identity }) => identity, measure),
    templates: found,
  };
}
