import { textPattern } from '../regex/pattern.js';
import type { Decoder } from './decode_step.js';
import { onText } from './per_token.js';
import { replaceDecoder } from './replace.js';

/** Replaces the mark of a word's end by a space, but not in the last token. `suffix` is not empty. */
export function suffixDecoder(suffix: string): Decoder {
  return {
    start(isFused) {
      // One text in parts is the last token.
      if (isFused) return replaceDecoder(textPattern(suffix), '', suffix.length).start(true);
      /** The token before, from its first mark on. */
      let held = '';
      return {
        push(token) {
          const spaced = held.replaceAll(suffix, ' ');
          const at = token.indexOf(suffix);
          held = at === -1 ? '' : token.slice(at);
          return [spaced + (at === -1 ? token : token.slice(0, at))];
        },
        end() {
          const last = held.replaceAll(suffix, '');
          held = '';
          return [last];
        },
      };
    },
    within: onText((token) => token.replaceAll(suffix, ' ')),
    dependsOnNext: true,
  };
}
