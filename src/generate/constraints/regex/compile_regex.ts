import { ALL_CODE_POINTS, codePoints } from '../expressions/code_points.js';
import type { Expression } from '../expressions/expression.js';
import type { Expressions } from '../expressions/expressions.js';
import { WORD_CHARACTERS } from './character_sets.js';
import { checkPattern } from './check_pattern.js';
import { parseRegex } from './parse_regex.js';
import { OTHER_CHARACTERS, type WriteCharacter } from './parts.js';
import { RegexCompiler, type Rest } from './regex_compiler.js';

/**
 * The texts that a pattern matches from beginning to end, as `/^(?:pattern)$/u` does in JavaScript; `nothing` if
 * there are none. Lookaheads, `^`, `$`, `\b` and `\B` are exact, everywhere; lone surrogates match no text, because
 * texts are UTF-8. Groups may have modifiers, as `(?i:...)`. Properties, as `\p{L}`, and the modifier `i` follow the
 * Unicode version of the runtime, so that runtimes may differ in characters that were added between their versions.
 * `write` says how characters are written (default: UTF-8).
 *
 * Throws `invalid-option` for syntax errors, for backreferences, lookbehind, the modifier `m` at `^` and `$` and
 * the modifier `i` at `\b`, with the position, and for patterns that are too large.
 */
export function compileRegex(
  make: Expressions,
  pattern: string,
  write: WriteCharacter = codePoints,
): Expression {
  const tree = parseRegex(pattern);
  const compiler = new RegexCompiler(make, checkPattern(tree), write);
  return finished(make, compiler.compile(tree, 'start', always(make.empty)));
}

/** The texts in which `/pattern/u` finds something, as the `pattern` of JSON Schema does. Otherwise as `compileRegex`. */
export function compileSearch(
  make: Expressions,
  pattern: string,
  write: WriteCharacter = codePoints,
): Expression {
  const tree = parseRegex(pattern);
  const compiler = new RegexCompiler(make, checkPattern(tree), write);
  const text = make.repeat(write(make, [ALL_CODE_POINTS]), 0);
  const [start, word, other] = (['start', 'word', 'other'] as const).map((before) =>
    compiler.compile(tree, before, always(text)),
  );
  const after = (characters: Expression, found: Expression) => make.sequence(text, characters, found);
  const found =
    start === word && word === other
      ? make.sequence(text, start!)
      : make.choice([
          start!,
          after(write(make, WORD_CHARACTERS), word!),
          after(write(make, OTHER_CHARACTERS), other!),
        ]);
  return finished(make, found);
}

const always = (rest: Expression): Rest => ({ same: rest, word: rest, other: rest });

function finished(make: Expressions, expression: Expression): Expression {
  const closed = make.closed(expression);
  return closed.mayBeNothing ? closed.pruned() : closed;
}
