import { checkNumber, whole } from '../../../base/check_number.js';
import { checkOptionNames, invalidOption, quotedList } from '../../../base/check_options.js';
import type { AnyModel } from '../../any_model.js';
import { checkModel } from '../../run_operation.js';
import { type MeanEstimate, meanEstimate } from '../../statistics/estimates.js';
import type { BiasOptions } from '../bias_options.js';
import { sentenceLogprobs } from '../pairs/sentence_scores.js';
import { type FilledTemplate, type Fills, fillTemplate } from './fill_template.js';

/** How a template's texts are compared. */
export interface TemplateOptions extends BiasOptions {
  /** The place whose values are compared; by default the last place of the template with several values. */
  readonly compare?: string | undefined;
}

/** A template's text, and how likely it is. */
export interface ScoredTemplate extends FilledTemplate {
  /** ln p of the text after the token that begins a text, in nats. */
  readonly logprob: number;
}

/** How much likelier one value is than another beside the same values of the other places. */
export interface TemplateRow {
  /** The values of the other places. */
  readonly fill: Readonly<Record<string, string>>;
  /** ln p with the value less ln p with the first one, in nats. */
  readonly difference: number;
  /** `difference` less the mean of all rows: the part that the other values explain, and not how common the value is. */
  readonly relative: number;
}

/** A value of the compared place beside its first value. */
export interface TemplateDifference {
  /** The compared value. */
  readonly value: string;
  /** The first value of the place. */
  readonly than: string;
  /** Mean of `difference` of the rows, in nats. */
  readonly difference: MeanEstimate;
  /** One for each combination of values of the other places. */
  readonly rows: readonly TemplateRow[];
}

/** What `templateBias` finds. */
export interface TemplateResult {
  /** All texts of the template; values of its last place change fastest. */
  readonly texts: readonly ScoredTemplate[];
  /** The place whose values are compared. */
  readonly compared: string;
  /** One for each value of the compared place but the first. */
  readonly differences: readonly TemplateDifference[];
}

/**
 * How likely the texts of a template of your own are, such as "The {job} said that {pronoun}" with `fills`
 * { job: ['nurse', 'doctor'], pronoun: ['she', 'he'] }, and how the values of one place differ beside those of the
 * others: the log-probability bias score of Kurita et al. 2019, for whole sentences. Throws `invalid-option`,
 * `aborted`.
 */
export async function templateBias(
  model: AnyModel,
  template: string,
  fills: Fills,
  options: TemplateOptions = {},
): Promise<TemplateResult> {
  checkModel(model);
  checkOptionNames('templateBias', options, ['signal', 'onProgress', 'seed', 'compare']);
  const { seed = 0 } = options;
  checkNumber('seed', seed, whole(0));
  const filled = fillTemplate(template, fills);
  const compared = comparedPlace(filled[0]!, fills, options.compare);
  const logprobs = await sentenceLogprobs(
    model,
    filled.map(({ text }) => text),
    options,
  );
  const texts = filled.map((each, i) => ({ ...each, logprob: logprobs[i]! }));
  const [than, ...others] = fills[compared]!;
  const found = new Map(texts.map(({ fill, logprob }) => [keyOf(fill), logprob]));
  const base = texts.filter(({ fill }) => fill[compared] === than);
  const differences = others.map((value) => {
    const values = base.map(
      ({ fill, logprob }) => found.get(keyOf({ ...fill, [compared]: value }))! - logprob,
    );
    const difference = meanEstimate(values, { seed });
    const rows = base.map(({ fill }, i) => {
      const { [compared]: _, ...rest } = fill;
      return { fill: rest, difference: values[i]!, relative: values[i]! - difference.mean };
    });
    return { value, than: than!, difference, rows };
  });
  return { texts, compared, differences };
}

function keyOf(fill: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.values(fill));
}

function comparedPlace({ fill }: FilledTemplate, fills: Fills, given: string | undefined): string {
  const places = Object.keys(fill).filter((place) => fills[place]!.length > 1);
  const place = given ?? places.at(-1);
  if (place === undefined)
    throw invalidOption('fills', fills, 'an object that has two or more values of a place');
  if (places.includes(place)) return place;
  throw invalidOption('compare', given, `a place with two or more values: ${quotedList(places)}`);
}
