import type { Span } from '../banned_texts/text_finder.js';
import type { PersonalDataKind } from './filter.js';

/** Grouped digits are read as one number. */
const digitsOf = (text: string) => text.replace(/\D/g, '');

/**
 * What looks like personal data, and whether it is. The expressions take linear time: their parts have no text in
 * common, or are short.
 */
const KINDS: Readonly<Record<PersonalDataKind, { pattern: RegExp; isIt: (found: string) => boolean }>> = {
  email: {
    pattern: /[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/gu,
    isIt: () => true,
  },
  card: {
    pattern: /(?<![\d.,])\d(?:[ -]?\d){12,18}(?![\d]|[.,]\d)/g,
    isIt: (found) => passesLuhn(digitsOf(found)),
  },
  iban: {
    pattern: /(?<![A-Z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Z0-9])/g,
    isIt: (found) => passesMod97(found.replaceAll(' ', '')),
  },
  phone: {
    // International, American, and with the 0 of a national prefix.
    pattern:
      /(?<![\w+.,-])(?<!\d )(?:\+\d(?:[ ./()-]{0,2}\d){6,14}|(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}|\(?0\d{1,5}\)?[ /-]\d{2,5}(?:[ -]?\d{2,5}){1,3})(?![\w-])/g,
    isIt: (found) => digitsOf(found).length >= 7 && digitsOf(found).length <= 15,
  },
};

export const PERSONAL_DATA_KINDS = Object.keys(KINDS) as PersonalDataKind[];

/** Where a sentence has personal data of a kind. */
export function personalData(sentence: string, kind: PersonalDataKind): Span[] {
  const { pattern, isIt } = KINDS[kind];
  return [...sentence.matchAll(pattern)]
    .filter(([found]) => isIt(found))
    .map(({ 0: found, index }) => ({ start: index, end: index + found.length }));
}

/** The check digit of card numbers (ISO/IEC 7812): each second digit from the right is doubled. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 0 ? digit : 2 * digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0 && /[1-9]/.test(digits);
}

/** The check digits of an IBAN (ISO 13616): as a number, with its letters as 10 to 35, it is 1 modulo 97. */
function passesMod97(iban: string): boolean {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}
