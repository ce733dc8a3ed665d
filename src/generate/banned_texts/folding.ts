import { WORD_CHARACTER } from '../../tokenizer/added_tokens.js';
import type { ResolvedBannedTexts } from './banned_texts.js';

/** U+FFFD, which decoders write for bytes that are no character. */
export const REPLACEMENT = 0xfffd;

const MARKS = /\p{M}/gu;
const IS_WORD = new RegExp(WORD_CHARACTER, 'u');

/** The code points that a character is compared by; none if it does not count. */
export function foldCharacter(
  codePoint: number,
  { ignoreCase, ignoreAccents }: Pick<ResolvedBannedTexts, 'ignoreCase' | 'ignoreAccents'>,
): number[] {
  const isSurrogate = codePoint >= 0xd800 && codePoint < 0xe000;
  let text = String.fromCodePoint(isSurrogate ? REPLACEMENT : codePoint);
  if (ignoreAccents) text = text.normalize('NFD').replace(MARKS, '');
  // Upper case first: it joins what lower case alone keeps apart, such as "ß" and "SS" or the two small sigmas.
  if (ignoreCase) text = text.toUpperCase().toLowerCase();
  return codePointsOf(text);
}

export function codePointsOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0)!);
}

/** Whether a character is part of a word. */
export function isWordCharacter(codePoint: number): boolean {
  return IS_WORD.test(String.fromCodePoint(codePoint));
}
