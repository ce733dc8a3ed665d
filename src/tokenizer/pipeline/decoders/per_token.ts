import type { Added, Decoder, DecodeStep } from './decode_step.js';

/** A decoder that changes each token by itself; `isFirst`: whether it is the first one of the text. */
export function perToken(change: (token: string, isFirst: boolean) => string): Decoder {
  return {
    start(isFused) {
      let isFirst = true;
      return {
        push(token) {
          const changed = change(token, isFirst);
          // All parts of one text are the first token.
          if (!isFused) isFirst = false;
          return [changed];
        },
        end: () => [],
      };
    },
    within: onText((token) => change(token, false)),
  };
}

/** A step for one text in parts that changes it as a whole, at its end. */
export function atEnd(change: (text: string) => string): DecodeStep {
  let whole = '';
  return {
    push(part) {
      whole += part;
      return [];
    },
    end() {
      const changed = change(whole);
      whole = '';
      return [changed];
    },
  };
}

/** A function of texts, for those that are no texts but bytes too. */
export const onText =
  (change: (text: string) => string) =>
  (added: Added): Added =>
    typeof added === 'string' ? change(added) : added;
