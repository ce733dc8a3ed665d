import { loadedModels } from '../../generate/loaded_models.js';
import { startTokenOf } from '../../generate/prompt.js';
import type { Model } from '../../model/model.js';
import type { Work } from '../../model/remote_models.js';
import { perToken, planScoring } from '../../score/scored_tokens.js';
import { bytesOfToken } from '../../tokenizer/bytes_of_token.js';
import { reasonWithoutText } from '../../tokenizer/reason_without_text.js';
import { type TokenTexts, tokenTexts } from '../../tokenizer/token_texts.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { Examination, ExaminedToken } from './examination.js';
import { rankBins } from './rank_bins.js';
import { measureTokens, type TokenMeasures } from './token_measures.js';
import { isCertainBorder, type WordMarks, wordMarks, wordStarts } from './word_marks.js';
import { bitsOf, measureSentences, measureWords } from './words_and_sentences.js';

/** What `examine` passes on. */
export interface ExamineArgs {
  readonly text: string | readonly number[];
  readonly start?: boolean | undefined;
  readonly stride?: number | undefined;
  readonly top?: number | undefined;
}

/** Likeliest tokens that are listed at each place by default. */
export const TOP = 5;

/** Examines a text in the thread of the model; see `examine`. */
export async function examineHere(model: Model, args: ExamineArgs, work: Work): Promise<Examination> {
  const { core, tokenizer } = loadedModels.get(model)!;
  const { config } = core;
  const { text, start, stride = Math.ceil(config.contextLength / 2), top = TOP } = args;
  const plan = planScoring(config, tokenizer, text, { start, stride, top });
  const { tokens: ids, first, sequence } = plan;
  const hasText = reasonWithoutText(tokenizer) === undefined;
  const borders = [startTokenOf(config) ?? [], config.eosTokenIds].flat();
  const marks = hasText ? wordMarks(tokenizer, config.vocabSize, borders) : undefined;
  const starts = marks ? wordStarts(ids, marks) : [];
  const measures = await measureTokens(core, plan, borderPlaces(ids, starts, marks), work);

  const texts = tokenTexts(tokenizer, ids, typeof text === 'string' && text !== '' ? text : undefined);
  const { logprobs } = measures;
  const sum = logprobs.subarray(first).reduce((total, logprob) => total + logprob, 0);
  const wordBorders = [...starts, ids.length].map((token) => measures.borders[token]!);
  return {
    text: texts.text,
    tokens: examinedTokens(ids, texts, measures, tokenizer),
    words: hasText ? measureWords(texts, logprobs, starts, wordBorders) : [],
    sentences: hasText ? measureSentences(texts, logprobs) : [],
    scoredTokens: ids.length - first,
    ...{ sum, ...perToken(sum, ids.slice(first), tokenizer) },
    endLogprob: measures.borders[ids.length]!,
    bins: rankBins(measures.ranks.subarray(first)),
    stride: sequence.length - 1 > config.contextLength ? stride : undefined,
  };
}

/** The borders of words that are uncertain before the next token is read. */
function borderPlaces(ids: readonly number[], starts: readonly number[], marks: WordMarks | undefined) {
  const beginnings = marks?.beginnings ?? new Int32Array(0);
  const places = new Set(
    marks === undefined || beginnings.length === 0
      ? []
      : [...starts, ids.length].filter((token) => !isCertainBorder(ids, token, marks)),
  );
  return { beginnings, isMeasured: (token: number) => places.has(token) };
}

function examinedTokens(
  ids: readonly number[],
  { texts, offsets }: TokenTexts,
  { logprobs, ranks, entropy, contexts, top }: TokenMeasures,
  tokenizer: Tokenizer,
): ExaminedToken[] {
  const shown = new Map<number, string>();
  const textOf = (id: number) => {
    // A padded vocabulary has ids without a token.
    const text = shown.get(id) ?? (bytesOfToken(tokenizer, id) ? tokenizer.decode([id]) : '');
    shown.set(id, text);
    return text;
  };
  return ids.map((id, i) => {
    const token = { id, text: texts[i]!, start: offsets[i]!, end: offsets[i + 1]! };
    const logprob = logprobs[i]!;
    if (Number.isNaN(logprob)) return { ...token, top: [] };
    return {
      ...token,
      ...{
        logprob,
        surprisal: bitsOf(logprob),
        rank: ranks[i]!,
        entropy: entropy[i]!,
        context: contexts[i]!,
      },
      top: top[i]!.map((likely) => ({ ...likely, text: textOf(likely.id) })),
    };
  });
}
