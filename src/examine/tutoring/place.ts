import type { AnyModel } from '../any_model.js';
import type { Examination } from '../text/examination.js';
import { type Extent, partAt, tokensIn } from './spans.js';

/** A place of a text where one of several words can stand. */
export interface Place {
  /** The text before the word; it may begin before the sentence. */
  readonly before: string;
  /** The sentence before the word. */
  readonly beginning: string;
  /** The sentence after the word. */
  readonly after: string;
}

/** Whether the model's context has room for a word in its place: it has at most a quarter of the context's tokens. */
export function hasRoom({ tokens }: Examination, word: Extent, contextLength: number): boolean {
  return tokensIn(tokens, word) <= Math.floor(contextLength / 4);
}

/**
 * The place of a word of an examined text in its sentence. At most half of the model's context comes before the word,
 * and word and text after it end within a quarter.
 */
export function placeOf(
  { text, tokens, sentences }: Examination,
  word: Extent,
  contextLength: number,
): Place {
  const at = partAt(tokens, word.start);
  const sentence = sentences[partAt(sentences, word.start)]!;
  const from = tokens[Math.max(0, at - Math.floor(contextLength / 2))]!.start;
  const last = tokens[Math.min(tokens.length - 1, at + Math.floor(contextLength / 4))]!.end;
  return {
    before: text.slice(from, word.start),
    beginning: text.slice(Math.max(from, sentence.start), word.start),
    after: text.slice(word.end, Math.max(word.end, Math.min(sentence.end, last))),
  };
}

/** ln p of each word with the rest of the sentence after it. */
export async function fits(
  model: AnyModel,
  { before, after }: Place,
  words: readonly string[],
  signal: AbortSignal | undefined,
): Promise<readonly number[]> {
  const choices = words.map((word) => word + after);
  return (await model.choose(before, choices, { signal })).logprobs;
}

/**
 * How near each of `others` is to a word in what the model expects next: the cosine of the final hidden states
 * after them, -1 to 1.
 */
export async function nearness(
  model: AnyModel,
  { beginning }: Place,
  word: string,
  others: readonly string[],
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const texts = [word, ...others].map((candidate) => beginning + candidate);
  const [own, ...rest] = await model.embed(texts, { pooling: 'last', normalize: true, signal });
  return rest.map((vector) => vector.reduce((sum, value, i) => sum + value * own![i]!, 0));
}
