import { Gpt2Error } from '../../../base/errors.js';
import type { Pattern } from '../regex/pattern.js';
import { TextBuilder } from '../text/text_builder.js';
import type { Normalizer } from './normalizer.js';

/** UTF-16 units of the longest text: a sequence of replacements can multiply a text's length again and again. */
const MOST_UNITS = 2 ** 27;

/** Replaces each match by a text, which stands for what the match's last character stands for. */
export const replace =
  (pattern: Pattern | undefined, content: string): Normalizer =>
  (source) => {
    const { text } = source;
    // The pattern is undefined for the empty text, which is found nowhere; an empty text has no matches.
    const found = text === '' ? [] : (pattern?.find(text) ?? []);
    if (found.length === 0) return source;
    const length = text.length + (found.length / 2) * content.length;
    if (length > MOST_UNITS) {
      throw new Gpt2Error(
        'invalid-option',
        `the text becomes too long where its tokenizer replaces parts: ${length} characters`,
      );
    }
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
