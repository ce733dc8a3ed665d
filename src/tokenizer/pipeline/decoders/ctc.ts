import type { Decoder } from './decode_step.js';
import { atEnd, onText } from './per_token.js';
import { cleanUp } from './word_piece.js';

/** Connectionist temporal classification: leaves out repeated tokens and padding. */
export function ctc(pad: string, delimiter: string, cleansUp: boolean): Decoder {
  const change = (token: string) => {
    const text = token.replaceAll(pad, '');
    return cleansUp ? cleanUp(text).replaceAll(delimiter, ' ') : text;
  };
  return {
    start(isFused) {
      if (isFused) return atEnd(change);
      let before: string | undefined;
      return {
        push(token) {
          const isRepeated = token === before;
          before = token;
          const text = isRepeated ? '' : change(token);
          return text === '' ? [] : [text];
        },
        end: () => [],
      };
    },
    within: onText(change),
    dependsOnNext: true,
  };
}
