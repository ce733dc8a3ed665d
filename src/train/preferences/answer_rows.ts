import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { idList } from '../../base/id_list.js';
import type { Batch } from '../../core/training/batch.js';
import type { Prompt } from '../../generate/prompt.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { NO_TARGET } from '../data/rows.js';

/** A prompt and an answer to it in numbers. */
export interface AnswerRow {
  /** Token ids of both. */
  readonly ids: readonly number[];
  /** Index of the answer's first token, at least 1. */
  readonly from: number;
}

/** How prompts and answers become rows. */
export interface AnswerRules {
  /** Encodes texts. */
  readonly tokenizer: Tokenizer | undefined;
  readonly vocabSize: number;
  /** T: most tokens that are read; the last token of an answer is only a target. */
  readonly length: number;
  /** Begins a row whose prompt is empty. */
  readonly startOfText: number;
  /** Follows each answer that is a text. */
  readonly endOfText: number;
}

/** How many prompts and answers were too long. */
export interface CutCounts {
  prompts: number;
  answers: number;
}

/**
 * The rows of a prompt with each of some answers. An answer that does not fit into a row is cut at its end, and the
 * prompt at its beginning, by the same tokens for all answers. Throws `invalid-option`.
 */
export function answerRows(
  prompt: Prompt,
  answers: Readonly<Record<string, Prompt>>,
  rules: AnswerRules,
  cut: CutCounts,
): AnswerRow[] {
  const { length, startOfText, endOfText } = rules;
  const encoded = idsOf('prompt', prompt, rules);
  const before = encoded.length > 0 ? encoded : [startOfText];
  const all = Object.entries(answers).map(([name, answer]) => {
    const ids = idsOf(name, answer, rules);
    if (typeof answer === 'string') ids.push(endOfText);
    if (ids.length === 0) throw new Gpt2Error('invalid-option', `${name} is empty; it must have a token`);
    if (ids.length > length) cut.answers++;
    return ids.slice(0, length);
  });
  const room = length + 1 - Math.max(...all.map((ids) => ids.length));
  if (before.length > room) cut.prompts++;
  const kept = before.slice(-room);
  return all.map((ids) => ({ ids: [...kept, ...ids], from: kept.length }));
}

/** Token ids of a text or a list. Throws `invalid-option`. */
export function idsOf(
  name: string,
  given: unknown,
  { tokenizer, vocabSize }: Pick<AnswerRules, 'tokenizer' | 'vocabSize'>,
): number[] {
  if (given === undefined) throw new Gpt2Error('invalid-option', `the example has no ${name}`);
  const right = `a text or an array of token ids from 0 to ${vocabSize - 1}`;
  if (typeof given !== 'string') {
    if (typeof given !== 'object') throw invalidOption(name, given, right);
    return idList(given, name, right, vocabSize);
  }
  if (tokenizer !== undefined)
    return idList(tokenizer.encode(given), `what encode gives for ${name}`, right, vocabSize);
  throw new Gpt2Error('invalid-option', `${name} is a text, but there is no tokenizer; give token ids`);
}

/** A batch of rows, as long as the longest of them; only the answers' tokens are targets. */
export function answerBatch(rows: readonly AnswerRow[], padTokenId: number): Batch {
  const length = Math.max(...rows.map(({ ids }) => ids.length)) - 1;
  const tokens = new Int32Array(rows.length * length).fill(padTokenId);
  const targets = new Int32Array(rows.length * length).fill(NO_TARGET);
  rows.forEach(({ ids, from }, row) => {
    tokens.set(ids.slice(0, -1), row * length);
    targets.set(ids.slice(from), row * length + from - 1);
  });
  return { batch: rows.length, length, tokens, targets };
}

/** The log-probability of each row's answer: minus the sum of its tokens' losses, in order. */
export function rowSums({ batch, length }: Batch, losses: Float64Array): number[] {
  return Array.from({ length: batch }, (_, row) => {
    let sum = 0;
    for (let i = row * length; i < (row + 1) * length; i++) sum -= losses[i]!;
    return sum;
  });
}
