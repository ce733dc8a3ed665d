/** Members of JavaScript's character classes for Oniguruma's shorthands and POSIX names, in plain form. */
const SETS: Readonly<Record<string, string>> = {
  ascii: String.raw`\u{0}-\u{7f}`,
  alnum: String.raw`\p{Alphabetic}\p{Nd}`,
  alpha: String.raw`\p{Alphabetic}`,
  blank: String.raw`\p{Zs}\u{9}`,
  cntrl: String.raw`\p{Cc}`,
  digit: String.raw`\p{Nd}`,
  lower: String.raw`\p{Lowercase}`,
  punct: String.raw`\p{P}`,
  space: String.raw`\p{White_Space}`,
  upper: String.raw`\p{Uppercase}`,
  xdigit: '0-9a-fA-F',
  word: String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}`,
};

/** As SETS, of sets that are easier to say by what they lack. */
const COMPLEMENTS: Readonly<Record<string, string>> = {
  graph: String.raw`\p{White_Space}\p{Cc}\p{Cs}\p{Cn}`,
  print: String.raw`\p{Zl}\p{Zp}\p{Cc}\p{Cs}\p{Cn}`,
};

/** Numbers of Latin-1 that Oniguruma takes for parts of words, but not within a class. */
const LATIN_NUMBERS = String.raw`\u{b2}\u{b3}\u{b9}\u{bc}-\u{be}`;

/** The set of a shorthand or property that is not in a class. */
export function setAlone(set: CharacterSet): CharacterSet {
  return set.members === SETS.word ? { ...set, members: set.members + LATIN_NUMBERS } : set;
}

/** A set of characters: members of a class of JavaScript, and whether the set is all others. */
export interface CharacterSet {
  readonly members: string;
  readonly isNegated: boolean;
}

/** Long names of general categories, which Oniguruma takes in any spelling. */
const CATEGORIES = [
  ...['Other', 'Control', 'Format', 'Unassigned', 'Private_Use', 'Surrogate', 'Letter', 'Cased_Letter'],
  ...['Lowercase_Letter', 'Modifier_Letter', 'Other_Letter', 'Titlecase_Letter', 'Uppercase_Letter', 'Mark'],
  ...['Spacing_Mark', 'Enclosing_Mark', 'Nonspacing_Mark', 'Number', 'Decimal_Number', 'Letter_Number'],
  ...['Other_Number', 'Punctuation', 'Connector_Punctuation', 'Dash_Punctuation', 'Close_Punctuation'],
  ...['Final_Punctuation', 'Initial_Punctuation', 'Other_Punctuation', 'Open_Punctuation', 'Symbol'],
  ...['Currency_Symbol', 'Modifier_Symbol', 'Math_Symbol', 'Other_Symbol', 'Separator', 'Line_Separator'],
  ...['Paragraph_Separator', 'Space_Separator'],
];

const plain = (name: string) => name.replace(/[ _-]/g, '').toLowerCase();

/** The set that a shorthand or a property stands for; undefined for a name that is not known. */
export function namedSet(name: string): CharacterSet | undefined {
  const wanted = plain(name);
  if (Object.hasOwn(SETS, wanted)) return { members: SETS[wanted]!, isNegated: false };
  if (Object.hasOwn(COMPLEMENTS, wanted)) return { members: COMPLEMENTS[wanted]!, isNegated: true };
  const words = name
    .split(/[ _-]/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase());
  const category = CATEGORIES.find((candidate) => plain(candidate) === wanted);
  const names = [category, name, words.join('_')].filter((candidate) => candidate !== undefined);
  for (const candidate of names.flatMap((one) => [one, `Script=${one}`])) {
    if (/^[\w=]+$/.test(candidate) && isProperty(candidate)) {
      return { members: `\\p{${candidate}}`, isNegated: false };
    }
  }
  return undefined;
}

/** The set of a POSIX bracket such as [:punct:], in which punctuation includes symbols. */
export function posixSet(name: string): CharacterSet | undefined {
  if (name === 'punct') return { members: String.raw`\p{P}\p{S}`, isNegated: false };
  return Object.hasOwn(SETS, name) || Object.hasOwn(COMPLEMENTS, name) ? namedSet(name) : undefined;
}

function isProperty(name: string): boolean {
  try {
    new RegExp(`\\p{${name}}`, 'u');
    return true;
  } catch {
    return false;
  }
}
