import { throwIfAborted } from '../../base/errors.js';
import { Model } from '../../model/model.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { TokenDocuments } from '../data/token_documents.js';
import type { TeacherTextProgress } from './options.js';
import type { Teacher } from './teacher.js';

/** Texts that are written at the same time: they are computed together, which changes none of them. */
export const TOGETHER = 16;

/** Which texts are written. */
export interface TextsToWrite {
  readonly count: number;
  /** Seed of the run, 32 bits. */
  readonly seed: number;
  /** Token that begins and ends a text. */
  readonly endOfText: number;
  readonly tokenizer: Tokenizer;
  readonly signal?: AbortSignal | undefined;
  readonly onTeacherText?: ((progress: TeacherTextProgress) => void) | undefined;
}

/**
 * Texts that teachers write in turn, each as token ids without the end-of-text token. A text that fills the context of
 * its teacher is cut there; empty ones are left out. Throws `aborted`.
 */
export async function writeTexts(
  teachers: readonly Teacher[],
  { count, seed, endOfText, tokenizer, signal, onTeacherText }: TextsToWrite,
): Promise<number[][]> {
  const models = teachers.map(({ core }) => new Model(core, tokenizer));
  const texts = new Array<number[]>(count);
  let next = 0;
  let written = 0;
  let tokens = 0;
  const writeRest = async () => {
    while (next < count) {
      const index = next++;
      const model = models[index % models.length]!;
      const { choices } = await model.generate([endOfText], {
        ...{ maxTokens: model.config.contextLength, temperature: 1, topP: 1, seed: seed + 2 ** 32 * index },
        ...(signal && { signal }),
      });
      // A text that the signal has ended early is none.
      throwIfAborted(signal, 'writing texts of the teachers');
      const text = untilEnd(choices[0]!.tokens, [endOfText, ...model.config.eosTokenIds]);
      texts[index] = text;
      tokens += text.length;
      onTeacherText?.({ texts: ++written, total: count, tokens });
    }
  };
  await Promise.all(Array.from({ length: Math.min(TOGETHER, count) }, writeRest));
  return texts.filter((text) => text.length > 0);
}

/** Texts as documents that are learned from their first token on. */
export function documentsOf(texts: readonly (readonly number[])[]): TokenDocuments {
  const starts = new Int32Array(texts.length);
  const ends = new Int32Array(texts.length);
  let end = 0;
  for (const [i, { length }] of texts.entries()) {
    starts[i] = end;
    end += length;
    ends[i] = end;
  }
  return { tokens: Int32Array.from(texts.flat()), starts, ends, learned: starts };
}

function untilEnd(tokens: readonly number[], ends: readonly number[]): number[] {
  const end = tokens.findIndex((token) => ends.includes(token));
  return tokens.slice(0, end === -1 ? undefined : end);
}
