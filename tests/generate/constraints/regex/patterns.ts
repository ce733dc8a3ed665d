import fc from 'fast-check';

/** Characters that patterns and texts are made of: of both classes of \b, of all lengths in UTF-8, and line breaks. */
const CHARACTERS = ['a', 'b', 'c', '1', '_', ' ', '-', '\n', '\u2028', 'é', 'ſ', 'Σ', 'ς', '€', '😀'];

const characters = fc.constantFrom(...CHARACTERS);

/** A short text. */
export const texts = fc.array(characters, { maxLength: 8 }).map((all) => all.join(''));

const classEscapes = fc.constantFrom(
  '\\d',
  '\\D',
  '\\w',
  '\\W',
  '\\s',
  '\\S',
  '\\p{L}',
  '\\P{Lu}',
  '\\p{Script=Greek}',
);

const classElements = fc.oneof(
  characters.map((one) => (one === '-' ? '\\-' : one)),
  classEscapes,
  fc.constantFrom(
    'a-c',
    '0-9',
    'a-z',
    '\\u{1f600}-\\u{1f64f}',
    '\\u0000-\\u00ff',
    '\\b',
    '\\n',
    '\\x61',
    '\\ud83d',
  ),
);

const classes = fc
  .tuple(fc.boolean(), fc.array(classElements, { maxLength: 3 }))
  .map(([negated, elements]) => `[${negated ? '^' : ''}${elements.join('')}]`);

const quantifiers = fc.constantFrom(
  '*',
  '+',
  '?',
  '*?',
  '+?',
  '??',
  '{2}',
  '{0}',
  '{1,}',
  '{0,2}',
  '{1,3}?',
  '{2,}?',
);

const assertions = ['^', '$', '\\b', '\\B'];

/** Patterns of all constructs. */
export const patterns = patternsOf(2);

function patternsOf(depth: number): fc.Arbitrary<string> {
  const atoms: fc.Arbitrary<string>[] = [characters, characters, fc.constant('.'), classEscapes, classes];
  if (depth > 0) {
    const inner = fc.memo((): fc.Arbitrary<string> => patternsOf(depth - 1))(1);
    atoms.push(
      inner.map((each) => `(?:${each})`),
      inner.map((each) => `(${each})`),
    );
  }
  const quantified = fc
    .tuple(fc.oneof(...atoms), fc.oneof(fc.constant(''), quantifiers))
    .map(([a, q]) => a + q);
  const elements = [quantified, quantified, quantified, fc.constantFrom(...assertions)];
  if (depth > 0) {
    elements.push(
      fc.tuple(fc.constantFrom('(?=', '(?!'), patternsOf(depth - 1)).map(([open, each]) => `${open}${each})`),
    );
  }
  const sequences = fc.array(fc.oneof(...elements), { maxLength: 3 }).map((all) => all.join(''));
  return fc.array(sequences, { minLength: 1, maxLength: 2 }).map((all) => all.join('|'));
}
