import type { Pattern } from '../regex/pattern.js';
import { checkGrowth } from '../text/check_growth.js';
import type { Decoder } from './decode_step.js';
import { onText } from './per_token.js';

/**
 * Replaces the matches of a pattern. `width`: the units of a pattern that is a plain text; undefined for a regular
 * expression, for which one text in parts is certain only at its end.
 */
export function replaceDecoder(pattern: Pattern | undefined, content: string, width?: number): Decoder {
  const replace = (text: string) => {
    const found = text === '' ? [] : (pattern?.find(text) ?? []);
    checkGrowth(text.length, text.length + (found.length / 2) * content.length);
    let replaced = '';
    let kept = 0;
    for (let i = 0; i < found.length; i += 2) {
      replaced += text.slice(kept, found[i]) + content;
      kept = found[i + 1]!;
    }
    return { replaced: replaced + text.slice(kept), kept };
  };
  return {
    start(isFused) {
      if (!isFused) return { push: (token) => [replace(token).replaced], end: () => [] };
      let held = '';
      return {
        push(part) {
          held += part;
          if (width === undefined) return [];
          const { kept } = replace(held);
          // A match may begin in the last units.
          const certain = Math.max(kept, held.length - width + 1);
          const { replaced } = replace(held.slice(0, certain));
          held = held.slice(certain);
          return [replaced];
        },
        end() {
          const { replaced } = replace(held);
          held = '';
          return [replaced];
        },
      };
    },
    within: onText((token) => replace(token).replaced),
  };
}
