import type { Decoder } from './decode_step.js';
import { atEnd, onText } from './per_token.js';

/** Replaces the mark of a word's end by a space, but not in the last token. `suffix` is not empty. */
export function suffixDecoder(suffix: string): Decoder {
  return {
    start(isFused) {
      // One text in parts is the last token.
      if (isFused) return atEnd((text) => text.replaceAll(suffix, ''));
      let last: string | undefined;
      return {
        push(token) {
          const before = last;
          last = token;
          return before === undefined ? [] : [before.replaceAll(suffix, ' ')];
        },
        end: () => (last === undefined ? [] : [last.replaceAll(suffix, '')]),
      };
    },
    within: onText((token) => token.replaceAll(suffix, ' ')),
    dependsOnNext: true,
  };
}
