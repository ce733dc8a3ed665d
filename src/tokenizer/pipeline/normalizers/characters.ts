import { AlignedText } from '../text/aligned_text.js';
import { TextBuilder } from '../text/text_builder.js';
import type { Normalizer } from './normalizer.js';

/**
 * Replaces each character by what `change` gives for it. `change` gives the same character for most; all that it gives
 * stands for the part of the original that the character stands for.
 */
export const mapCharacters =
  (change: (character: string) => string): Normalizer =>
  (source) => {
    const builder = new TextBuilder(source);
    const { text } = source;
    let kept = 0;
    let at = 0;
    for (const character of text) {
      const changed = change(character);
      if (changed !== character) {
        builder.keep(kept, at);
        if (changed !== '') builder.put(changed, at);
        kept = at + character.length;
      }
      at += character.length;
    }
    if (kept === 0) return source;
    builder.keep(kept, text.length);
    return builder.build();
  };

const lowerEach = mapCharacters((character) => character.toLowerCase());

/** Lower case, character by character: a sigma at a word's end is no other than elsewhere. */
export const lowercase: Normalizer = (source) => {
  if (source.starts !== undefined) return lowerEach(source);
  const text = source.text.replaceAll('\u03a3', '\u03c3').toLowerCase();
  return text === source.text ? source : new AlignedText(text);
};

/** Removes the characters that `test`, a regular expression for one, matches. */
export const without = (test: RegExp): Normalizer =>
  mapCharacters((character) => (test.test(character) ? '' : character));

export const stripAccents = without(/\p{M}/u);

const WHITE_START = /^\p{White_Space}+/u;

/** Removes white space at the ends. */
export const strip =
  (left: boolean, right: boolean): Normalizer =>
  (source) => {
    const { text } = source;
    const start = left ? (WHITE_START.exec(text)?.[0].length ?? 0) : 0;
    let end = text.length;
    // All white space is in the basic plane.
    while (right && end > start && /\p{White_Space}/u.test(text[end - 1]!)) end--;
    return source.slice(start, end);
  };

/** Puts a text before every text that is not empty. */
export const prepend =
  (before: string): Normalizer =>
  (source) => {
    if (source.text === '') return source;
    const builder = new TextBuilder(source);
    builder.put(before, 0);
    builder.keep(0, source.text.length);
    return builder.build();
  };

// The characters are those of the tokenizers library, whose source is the definition of Nmt.
const isRemovedByNmt = (code: number) =>
  (code >= 0x01 && code <= 0x08) || (code >= 0x0e && code <= 0x1f) || [0x0b, 0x7f, 0x8f, 0x9f].includes(code);
const NMT_SPACES = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/;

export const nmt = mapCharacters((character) => {
  if (isRemovedByNmt(character.codePointAt(0)!)) return '';
  return NMT_SPACES.test(character) ? ' ' : character;
});
