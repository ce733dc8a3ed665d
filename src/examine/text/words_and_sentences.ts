import { exp, LN2 } from '../../base/exact_math.js';
import { skipSpace, spanOf } from '../../tokenizer/text_spans.js';
import type { TokenTexts } from '../../tokenizer/token_texts.js';
import { eachRun } from './each_run.js';
import type { ExaminedSentence, ExaminedWord } from './examination.js';
import { sentenceStarts } from './sentence_starts.js';

/** Log-probabilities [T] of the tokens of a text; NaN for a token that is not scored. */
type Logprobs = Float64Array;

/** -log2 p */
export const bitsOf = (logprob: number): number => (0 - logprob) / LN2;

/**
 * The words that begin at the tokens `starts`. `borders` [words + 1]: ln of the probability that a word ends, at the
 * beginning of each word and at the end of the text; 0 where that is certain.
 */
export function measureWords(
  texts: TokenTexts,
  logprobs: Logprobs,
  starts: readonly number[],
  borders: ArrayLike<number>,
): ExaminedWord[] {
  return eachRun(starts, logprobs.length, (first, count, i) => {
    const { sum, scored } = sumOf(logprobs, first, count);
    const correctedLogprob = sum + borders[i + 1]! - borders[i]!;
    return {
      ...spanOf(texts, first, count),
      ...measured(sum, scored),
      ...{ correctedLogprob, correctedSurprisal: bitsOf(correctedLogprob) },
    };
  });
}

/** The sentences of a text; a token belongs to the one of its first character that is no white space. */
export function measureSentences(texts: TokenTexts, logprobs: Logprobs): ExaminedSentence[] {
  const { text, offsets } = texts;
  const places = sentenceStarts(text);
  const starts = [0];
  let met = 0;
  let solid = 0;
  for (let i = 0; i < logprobs.length; i++) {
    // White space is skipped once, however many tokens it has.
    if (solid < offsets[i]! || i === 0) solid = skipSpace(text, offsets[i]!);
    const isFirst = met < places.length && places[met]! <= solid;
    while (met < places.length && places[met]! <= solid) met++;
    if (isFirst && i > 0) starts.push(i);
  }
  return eachRun(starts, logprobs.length, (first, count) => {
    const { sum, scored } = sumOf(logprobs, first, count);
    const perplexity = scored === 0 ? undefined : exp(-sum / scored);
    return { ...spanOf(texts, first, count), ...measured(sum, scored), perplexity };
  });
}

const measured = (sum: number, scored: number) => ({
  logprob: sum,
  surprisal: scored === 0 ? undefined : bitsOf(sum),
});

function sumOf(logprobs: Logprobs, first: number, count: number) {
  let sum = 0;
  let scored = 0;
  for (const logprob of logprobs.subarray(first, first + count)) {
    if (Number.isNaN(logprob)) continue;
    sum += logprob;
    scored++;
  }
  return { sum, scored };
}
