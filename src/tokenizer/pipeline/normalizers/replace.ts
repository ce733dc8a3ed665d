import type { Pattern } from '../regex/pattern.js';
import { checkGrowth } from '../text/check_growth.js';
import { TextBuilder } from '../text/text_builder.js';
import type { Normalizer } from './normalizer.js';

/** Replaces each match by a text, which stands for what the match's last character stands for. */
export const replace =
  (pattern: Pattern | undefined, content: string): Normalizer =>
  (source) => {
    const { text } = source;
    // The pattern is undefined for the empty text, which is found nowhere; an empty text has no matches.
    const found = text === '' ? [] : (pattern?.find(text) ?? []);
    if (found.length === 0) return source;
    const length = text.length + (found.length / 2) * content.length;
    checkGrowth(text.length, length);
    const builder = new TextBuilder(source);
    let kept = 0;
    for (let i = 0; i < found.length; i += 2) {
      const end = found[i + 1]!;
      builder.keep(kept, found[i]!);
      if (content !== '') builder.put(content, end - 1);
      kept = end;
    }
    builder.keep(kept, text.length);
    return builder.build();
  };
