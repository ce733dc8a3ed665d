import type { Decoder } from './decode_step.js';
import { onText } from './per_token.js';

/** Removes up to `start` times `content`, a character, at a text's beginning, and up to `stop` times at its end. */
export function stripDecoder(content: string, start: number, stop: number): Decoder {
  const strip = (text: string) => cutEnd(cutStart(text, content, start), content, stop);
  return {
    start(isFused) {
      if (!isFused) return { push: (token) => [strip(token)], end: () => [] };
      let left = start;
      /** Characters at the end that may have to go. */
      let held = '';
      return {
        push(part) {
          let text = held + part;
          while (left > 0 && text.startsWith(content)) {
            text = text.slice(content.length);
            left--;
          }
          if (text !== '') left = 0;
          const certain = cutEnd(text, content, stop);
          held = text.slice(certain.length);
          return [certain];
        },
        end() {
          held = '';
          return [];
        },
      };
    },
    // Within one text, tokens are neither at the beginning nor at the end.
    within: (added) => added,
    dependsOnNext: stop > 0,
  };
}

/** As `stripDecoder`, for a decoder that comes before all tokens are joined: each token is a text. */
export const stripTokens = (content: string, start: number, stop: number): Decoder => ({
  ...stripDecoder(content, start, stop),
  within: onText((token) => cutEnd(cutStart(token, content, start), content, stop)),
  dependsOnNext: false,
});

function cutStart(text: string, content: string, most: number): string {
  let at = 0;
  for (let i = 0; i < most && text.startsWith(content, at); i++) at += content.length;
  return text.slice(at);
}

function cutEnd(text: string, content: string, most: number): string {
  let end = text.length;
  for (let i = 0; i < most && end > 0 && text.slice(0, end).endsWith(content); i++) end -= content.length;
  return text.slice(0, end);
}
