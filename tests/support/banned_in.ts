import type { ResolvedBannedTexts } from '../../src/generate/banned_texts/banned_texts.js';

const WORD = String.raw`[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]`;

/** A text as it is compared. */
function folded(text: string, { ignoreCase, ignoreAccents }: ResolvedBannedTexts): string {
  const plain = ignoreAccents ? text.normalize('NFD').replace(/\p{M}/gu, '') : text;
  return ignoreCase ? plain.toUpperCase().toLowerCase() : plain;
}

/** Whether a regular expression finds a banned text, not as a whole in the prompt, where the prompt meets `text`. */
export function hasBanned(prompt: string, text: string, options: ResolvedBannedTexts): boolean {
  const begin = folded(prompt, options).length;
  const whole = folded(prompt, options) + folded(text, options);
  return options.texts
    .flatMap((banned) =>
      options.ignoreAccents ? [banned] : [banned.normalize('NFC'), banned.normalize('NFD')],
    )
    .some((banned) => {
      const plain = folded(banned, options);
      const literal = plain.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
      const before = options.wholeWords ? `(?<!${WORD}(?=${WORD}))` : '';
      const after = options.wholeWords ? `(?!(?<=${WORD})${WORD})` : '';
      // A look-ahead finds those that overlap, too.
      const found = whole.matchAll(new RegExp(`${before}(?=${literal}${after})`, 'gu'));
      return [...found].some(({ index }) => index + plain.length > begin);
    });
}
