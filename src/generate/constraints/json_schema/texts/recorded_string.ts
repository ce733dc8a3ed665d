import type { Expression } from '../../expressions/expression.js';
import type { Expressions } from '../../expressions/expressions.js';
import { encoded } from './encoded.js';
import { recorded } from './recorded.js';

/** Strings of which some must not be used, and what follows each. */
export interface RecordedStrings {
  readonly make: Expressions;
  /** The same text for equal strings and rests. */
  readonly key: string;
  readonly language: Expression;
  /** The strings that must not be used, and their expression. */
  readonly used: { readonly all: readonly string[]; readonly text: Expression };
  readonly after: (text: string) => Expression;
}

/** A string between quotes, not one of those used, and then what follows it. */
export function recordedString({ make, key, language, used, after }: RecordedStrings): Expression {
  const quote = make.literal('"');
  const unused = make.not(used.text);
  const open = make.both([language, unused]).pruned();
  return make.sequence(
    quote,
    recorded(make, ended(open), ended(language), {
      key,
      // A mask asks for the rests of many texts, of which most have no further step.
      of: (text) => make.rule(`${key} after ${text}`, false, () => after(JSON.parse(`"${text}`) as string)),
      exceptions: () => used.all.map((text) => new TextEncoder().encode(JSON.stringify(text).slice(1))),
    }),
  );

  function ended(texts: Expression): Expression {
    return make.sequence(encoded(make, texts), quote);
  }
}
