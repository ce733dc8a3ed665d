import { AlignedText } from '../text/aligned_text.js';
import { changedText } from '../text/changed_text.js';
import type { Normalizer } from './normalizer.js';

export type UnicodeForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/**
 * A normalization form of Unicode. A character that is made of others stands for the first of them, as in the
 * tokenizers library.
 */
export const unicodeForm =
  (form: UnicodeForm): Normalizer =>
  (source) => {
    const text = source.text.normalize(form);
    if (text === source.text) return source;
    if (source.starts === undefined) return new AlignedText(text);
    const characters = [...text];
    const changes = form.endsWith('D')
      ? decomposedChanges(source.text, characters, form)
      : composedChanges(source.text, characters, form);
    return changedText(source, characters, changes);
  };

/** Characters of a decomposed text in the order in which they are taken by the result: those that are equal in turn. */
class Decomposed {
  readonly #changes = new Map<string, { readonly list: number[]; next: number }>();

  constructor(text: string, form: string) {
    for (const character of text) {
      for (const [i, part] of [...character.normalize(form)].entries()) {
        const found = this.#changes.get(part);
        if (found === undefined) this.#changes.set(part, { list: [i === 0 ? 0 : 1], next: 0 });
        else found.list.push(i === 0 ? 0 : 1);
      }
    }
  }

  /** The change of the next character of the text that is `part`. */
  take(part: string): number {
    const found = this.#changes.get(part);
    return found?.list[found.next++] ?? 0;
  }
}

function decomposedChanges(text: string, characters: readonly string[], form: string): number[] {
  const decomposed = new Decomposed(text, form);
  return characters.map((character) => decomposed.take(character));
}

function composedChanges(text: string, characters: readonly string[], form: string): number[] {
  const decomposed = new Decomposed(text, form.replace('C', 'D'));
  return characters.map((character) => {
    const parts = [...character.normalize('NFD')];
    return parts.reduce((sum, part) => sum + decomposed.take(part), 1 - parts.length);
  });
}
