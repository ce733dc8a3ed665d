import { checkArray } from '../../base/check_lists.js';
import { checkNumber, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption, quotedList } from '../../base/check_options.js';
import { exp } from '../../base/exact_math.js';
import { eachText } from '../../generate/each_text.js';
import type { Work } from '../../model/remote_models.js';
import type { AnyModel } from '../any_model.js';
import { checkModel } from '../run_operation.js';
import { TYPO_KINDS, type TypoKind, withTypos } from './typos.js';

/** Which typos are tried. */
export interface TypoEffectOptions extends Work {
  /** Default all: two letters that change places, a missing letter, a letter that is there twice. */
  readonly kinds?: readonly TypoKind[] | undefined;
  /** Shares of the words that get a typo, at most 64 numbers from 0 to 1. Default 0.05, 0.1 and 0.2. */
  readonly rates?: readonly number[] | undefined;
  /** Seed of the typos, an integer from 0 to 2^53 - 1: 0 by default. */
  readonly seed?: number | undefined;
  /** As in `Model.score`; default half of the context. */
  readonly stride?: number | undefined;
}

/** How likely the text is with typos of one kind and rate. */
export interface TypoEffect {
  /** The kind of all its typos. */
  readonly kind: TypoKind;
  /** Probability, 0 to 1, with which each word got a typo. */
  readonly rate: number;
  /** Number of words with a typo. */
  readonly typos: number;
  /** Number of tokens; typos break words into more of them. */
  readonly tokens: number;
  /** ln p of the text with typos, in nats. */
  readonly logprob: number;
  /** e^(-ln p / words), with the words of the text without typos; `undefined` if no number is that large. */
  readonly perplexityPerWord: number | undefined;
  /** That perplexity over the one without typos; `undefined` if no number is that large. */
  readonly ratio: number | undefined;
}

/** How typos change the probability of a text. */
export interface TypoEffects {
  /** Number of words: runs of characters without white space. */
  readonly words: number;
  /** Number of tokens without typos. */
  readonly tokens: number;
  /** ln p of the text without typos, in nats. */
  readonly logprob: number;
  /** e^(-ln p / words); `undefined` if no number is that large, as of a long text without white space. */
  readonly perplexityPerWord: number | undefined;
  /** One entry for each kind and rate, in the order of the options. */
  readonly effects: readonly TypoEffect[];
}

const OPTION_NAMES = Object.keys({
  kinds: true,
  rates: true,
  seed: true,
  stride: true,
  signal: true,
  onProgress: true,
} satisfies Record<keyof TypoEffectOptions, true>);
const MOST_RATES = 64;

/**
 * Measures how sensitive a model is to typos: scores a text as it is and with seeded typos. Perplexity is
 * per word of the original, since texts with typos have more tokens. The ratio joins two effects: words with a typo
 * are unlikely themselves, and they help less to predict the words after them.
 *
 * Throws `invalid-option`, also for a text without words; `aborted`. Progress counts texts.
 */
export async function typoEffects(
  model: AnyModel,
  text: string,
  options: TypoEffectOptions = {},
): Promise<TypoEffects> {
  checkOptionNames('typoEffects', options, OPTION_NAMES);
  checkModel(model);
  const { kinds = TYPO_KINDS, rates = [0.05, 0.1, 0.2], seed = 0, signal, onProgress } = options;
  const { stride = Math.ceil(model.config.contextLength / 2) } = options;
  checkArray('kinds', kinds, `a list of ${quotedList(TYPO_KINDS)}`, (kind) =>
    TYPO_KINDS.includes(kind as TypoKind),
  );
  checkRates(rates);
  checkNumber('seed', seed, whole(0));
  const words = typeof text === 'string' ? (text.match(/\S+/g)?.length ?? 0) : 0;
  if (words === 0) throw invalidOption('text', text, 'a string with words');
  const cases = kinds.flatMap((kind) =>
    rates.map((rate) => ({ kind, rate, ...withTypos(text, kind, rate, seed) })),
  );
  const texts = [text, ...cases.map((misspelt) => misspelt.text)];
  const scored: { readonly sum: number; readonly tokens: number }[] = [];
  const score = async (each: string) => {
    const { sum, tokens } = await model.score(each, { stride, signal });
    return { sum, tokens: tokens.length };
  };
  for await (const result of eachText(texts, (each) => each, signal, score)) {
    scored.push(result);
    onProgress?.({ done: scored.length, total: texts.length });
  }
  const [original, ...others] = scored as [(typeof scored)[0], ...typeof scored];
  const effects = others.map(({ sum, tokens }, i) => {
    const { kind, rate, typos } = cases[i]!;
    const perplexityPerWord = finiteExp(-sum / words);
    const ratio = finiteExp((original.sum - sum) / words);
    return { kind, rate, typos, tokens, logprob: sum, perplexityPerWord, ratio };
  });
  const { sum: logprob, tokens } = original;
  return { words, tokens, logprob, perplexityPerWord: finiteExp(-logprob / words), effects };
}

/** e^x; `undefined` if no number is that large. */
function finiteExp(x: number): number | undefined {
  const power = exp(x);
  return power === Number.POSITIVE_INFINITY ? undefined : power;
}

function checkRates(rates: readonly number[]): void {
  const right = `a list of 1 to ${MOST_RATES} numbers from 0 to 1`;
  checkArray('rates', rates, right, (rate) => typeof rate === 'number' && rate >= 0 && rate <= 1);
  if (rates.length < 1 || rates.length > MOST_RATES) throw invalidOption('rates', rates, right);
}
