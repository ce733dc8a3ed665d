import { Gpt2Error } from '../../../base/errors.js';
import { MAX_TOKEN_ID, quote } from '../../token_table.js';
import type { Vocabulary } from './model.js';

/** UTF-16 units of the longest token: models look for tokens of every length at every place of a text. */
const MOST_UNITS = 4096;

/** A vocabulary of texts and ids from a file. */
export class TextVocabulary implements Vocabulary {
  readonly size: number;
  readonly ids: ReadonlyMap<string, number>;
  readonly #texts: readonly (string | undefined)[];

  /** Of several ids of a text the last one counts. Throws `invalid-file` for an invalid id, and for one that two texts share. */
  constructor(file: string, entries: Iterable<readonly [text: string, id: unknown]>) {
    const ids = new Map<string, number>();
    const texts: (string | undefined)[] = [];
    for (const [text, id] of entries) {
      if (!Number.isInteger(id) || (id as number) < 0 || (id as number) > MAX_TOKEN_ID) {
        throw new Gpt2Error(
          'invalid-file',
          `${file}: the token ${quote(text)} has the id ${quote(id)}, not an integer from 0 to ${MAX_TOKEN_ID}`,
        );
      }
      if (text.length > MOST_UNITS) {
        throw new Gpt2Error(
          'unsupported',
          `${file}: the token ${quote(text)} of ${text.length} characters is not supported`,
        );
      }
      const other = texts[id as number];
      if (other !== undefined) {
        const both = `${quote(other)} and ${quote(text)}`;
        throw new Gpt2Error('invalid-file', `${file}: ${both} both have the id ${id}`);
      }
      ids.set(text, id as number);
      texts[id as number] = text;
    }
    if (ids.size === 0) throw new Gpt2Error('invalid-file', `${file}: the vocabulary is empty`);
    this.ids = ids;
    this.#texts = texts;
    this.size = texts.length;
  }

  idOf(text: string): number | undefined {
    return this.ids.get(text);
  }

  textOf(id: number): string | undefined {
    return this.#texts[id];
  }
}

/** The ids of the tokens <0x00> to <0xFF> that stand for bytes; undefined for one that is missing. */
export function byteTokens(vocabulary: Vocabulary): readonly (number | undefined)[] {
  return Array.from({ length: 256 }, (_, byte) =>
    vocabulary.idOf(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
  );
}
