import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Part } from '../../../src/tokenizer/pipeline/part.js';
import { regexPattern } from '../../../src/tokenizer/pipeline/regex/pattern.js';
import { thrown } from '../../support/thrown.js';

const part = () => new Part({}, 'test');

const matches = (pattern: string, text: string): string[] => {
  const found = regexPattern(pattern, part()).find(text);
  return Array.from({ length: found.length / 2 }, (_, i) => text.slice(found[2 * i], found[2 * i + 1]));
};

/** The matches of Oniguruma, through the tokenizers library. */
const CASES: readonly (readonly [pattern: string, text: string, found: readonly string[]])[] = [
  ['^', 'a\nb\n', ['', '']],
  ['$', 'a\nb\n', ['', '', '']],
  [String.raw`\A`, 'a\nb', ['']],
  [String.raw`\z`, 'a\n', ['']],
  [String.raw`\Z`, 'a\n', ['', '']],
  ['a.b', 'a\nb', []],
  ['(?m)a.b', 'a\nb', ['a\nb']],
  ['a{1,2}+a', 'aaaa', ['aaaa']],
  ['a*', 'baac', ['', 'aa', '']],
  ['x*', 'ab', ['', '', '']],
  [String.raw`\p{Han}`, 'a漢', ['漢']],
  [String.raw`\p{^L}`, 'a1', ['1']],
  [String.raw`\p{lowercase letter}`, 'Aa', ['a']],
  ['[a-c&&b-d]', 'abcd', ['b', 'c']],
  ['[a[bc]]', 'abcd', ['a', 'b', 'c']],
  ['[^a[bc]]', 'abcd', ['d']],
  ['[[^a]&&[^d]]', 'abcd', ['b', 'c']],
  [String.raw`(?<n>a)\k<n>`, 'aab', ['aa']],
  [String.raw`(a)\1`, 'aab', ['aa']],
  ['(?>a+)b', 'aab', ['aab']],
  ['(?>a+)ab', 'aab', []],
  ['a++b', 'aab', ['aab']],
  ['a?+a', 'a', []],
  [String.raw`\x41\x{1F600}\u0042\103\e`, 'A😀BC\x1b', ['A😀BC\x1b']],
  ['(?#c)a', 'a', ['a']],
  ['(?x) a b # c', 'ab', ['ab']],
  [String.raw`[\w-]`, 'a-!', ['a', '-']],
  ['[]a]', ']a', [']', 'a']],
  ['[^]a]', ']ab', ['b']],
  ['(?<=a|bc)x', 'bcx', ['x']],
  ['a{,2}', 'aaa', ['aa', 'a']],
  ['a{', 'a{', ['a{']],
  ['(?i)a(?-i)b', 'AbAB', ['Ab']],
  ['a(?i)b|c', 'aBC', ['aB']],
  [String.raw`\b`, 'ab cd', ['', '', '', '']],
  ['[[:alpha:]]+', 'ab1', ['ab']],
  ['[[:^alpha:]]+', 'ab1', ['1']],
  ['[[:punct:]]', '$!', ['$', '!']],
  [String.raw`\p{Punct}`, '$!', ['!']],
  [String.raw`\h+`, 'xyzBEEF', ['BEEF']],
  [String.raw`\R`, 'a\r\nb\u0085', ['\r\n', '\u0085']],
  ['(?i:s)', 'sSſz', ['s', 'S', 'ſ']],
  ['(?i:[a-k])', 'K\u212al', ['K', '\u212a']],
  ['(?i:[^a-z])', 'Aſ1', ['1']],
  // Numbers of Latin-1 belong to words, but not in a class.
  [String.raw`\w`, 'a½⅔', ['a', '½']],
  [String.raw`[\w]`, 'a½⅔', ['a']],
  [String.raw`[^\W\d]+`, 'a½1b', ['a', 'b']],
  [String.raw`\S`, '😀 a', ['😀', 'a']],
  ['(?<!a)', '😀', ['', '']],
];
for (const [pattern, text, found] of CASES) {
  test(`${pattern} finds in ${JSON.stringify(text)} what Oniguruma finds`, () => {
    assert.equal(matches(pattern, text), found);
  });
}

test('the split patterns of well-known models are taken', () => {
  const gpt4o = [
    String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?`,
    String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?`,
    String.raw`\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
  ].join('|');
  const words = ['Hello', 'World', " it'S", ' ', '123', '45', '\n\n', ' ', ' x', '//'];
  assert.equal(matches(gpt4o, "HelloWorld it'S 12345\n\n  x//"), words);
  const bloom = String.raw` ?[^(\s|[.,!?…。，、।۔،])]+`;
  assert.equal(matches(bloom, 'Hello, world (a)'), ['Hello', ' world', 'a']);
  const cl100k = String.raw`'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s`;
  assert.equal(matches(cl100k, "It'S 12345!!\n  x"), ['It', "'S", ' ', '12345', '!!\n', ' ', ' x']);
});
/** The long names of Unicode's general categories. */
const CATEGORIES: Readonly<Record<string, string>> = {
  ...{ C: 'Other', Cc: 'Control', Cf: 'Format', Cn: 'Unassigned', Co: 'Private_Use', Cs: 'Surrogate' },
  ...{ L: 'Letter', LC: 'Cased_Letter', Ll: 'Lowercase_Letter', Lm: 'Modifier_Letter', Lo: 'Other_Letter' },
  ...{ Lt: 'Titlecase_Letter', Lu: 'Uppercase_Letter', M: 'Mark', Mc: 'Spacing_Mark', Me: 'Enclosing_Mark' },
  ...{ Mn: 'Nonspacing_Mark', N: 'Number', Nd: 'Decimal_Number', Nl: 'Letter_Number', No: 'Other_Number' },
  ...{ P: 'Punctuation', Pc: 'Connector_Punctuation', Pd: 'Dash_Punctuation', Pe: 'Close_Punctuation' },
  ...{ Pf: 'Final_Punctuation', Pi: 'Initial_Punctuation', Po: 'Other_Punctuation', Ps: 'Open_Punctuation' },
  ...{ S: 'Symbol', Sc: 'Currency_Symbol', Sk: 'Modifier_Symbol', Sm: 'Math_Symbol', So: 'Other_Symbol' },
  ...{ Z: 'Separator', Zl: 'Line_Separator', Zp: 'Paragraph_Separator', Zs: 'Space_Separator' },
};

test('the long name of a category means the short one, in any spelling', () => {
  for (const [short, long] of Object.entries(CATEGORIES)) {
    const isInside = new RegExp(`\\p{${short}}`, 'u');
    let inside = 0;
    while (!isInside.test(String.fromCodePoint(inside))) inside++;
    let outside = 0;
    while (isInside.test(String.fromCodePoint(outside))) outside++;
    const text = String.fromCodePoint(outside, inside);
    for (const name of [short, long, long.toLowerCase(), long.replace('_', ''), long.replace('_', ' ')]) {
      assert.equal(matches(`\\p{${name}}`, text), [String.fromCodePoint(inside)], name);
    }
  }
});

const REFUSED: readonly (readonly [pattern: string, why: RegExp])[] = [
  ['(a+)+b', /repetition/],
  ['(a|a)*b', /repetition/],
  ['(a?){20}a{20}', /repetition/],
  // Runs of one character alone are joined.
  ['(?:a|ab){1,3}+c', /repetition/],
  ['a{1,3}?+b', /repetition/],
  ['a*a*a*a*a*b', /more than 4 repetitions in a row/],
  ['(?:a{1000}){5}a{2000}', /more than 1000 repeats/],
  [String.raw`\X`, /\\X/],
  [String.raw`\K`, /\\K/],
  [String.raw`\G`, /\\G/],
  ['(?~ab)', /\(\?~/],
  ['(?(1)a|b)', /\(\?\(/],
  [String.raw`\p{Klingon}`, /Klingon/],
  [String.raw`\2(a)`, /reference/],
  ['a)', /"\)" without/],
  ['(a', /without "\)"/],
  ['[a', /without "\]"/],
  ['*a', /after nothing/],
  ['[z-a]', /z-a/],
  ['('.repeat(60) + ')'.repeat(60), /too deep/],
  [`${'a?'.repeat(30)}b`, /optional parts in a row/],
  [`${'(?:a|a)'.repeat(30)}b`, /optional parts in a row/],
  [`${'(?:a{0,9}){6}'.repeat(6)}b`, /optional parts in a row/],
  ['.'.repeat(200), /too many character classes/],
  ['a|'.repeat(3000), /more than 4096 characters/],
  [String.raw`[\p{L}]`.repeat(300), /too many character classes/],
  [`[${String.raw`\p{L}`.repeat(300)}]`, /too many character classes/],
];
for (const [pattern, why] of REFUSED) {
  test(`${pattern.slice(0, 40)} is refused by name`, async () => {
    await thrown(async () => regexPattern(pattern, part()), 'unsupported', why);
  });
}

test('the expressions of a part together have so many character classes', async () => {
  const several = part();
  const pattern = String.raw`\p{L}|`.repeat(50);
  for (let i = 0; i < 2; i++) regexPattern(pattern, several);
  await thrown(async () => regexPattern(pattern, several), 'unsupported', /too many character classes/);
});

test('character classes in a row compile in no time', () => {
  const letters = String.raw`\p{L}`;
  const rows: readonly (readonly [pattern: string, text: string, found: readonly string[]])[] = [
    [letters.repeat(12), 'abcdéfghijklm', ['abcdéfghijkl']],
    [`(?:${letters.repeat(3)}){3}`, 'abcdefghi j', ['abcdefghi']],
    [`(?:${letters}|x){2}${letters.repeat(8)}`, 'abcdefghij', ['abcdefghij']],
    [String.raw`\w\W`.repeat(6), 'a.b.c.d.e.f.g', ['a.b.c.d.e.f.']],
    [`(?:${letters}[^a]?){4}(?>${letters}{4})`, 'abcdefghij', ['abcdefghij']],
  ];
  const start = process.cpuUsage();
  for (const [pattern, text, found] of rows) assert.equal(matches(pattern, text), found, pattern);
  const { user, system } = process.cpuUsage(start);
  assert.ok(user + system < 1e6, `${user + system} microseconds`);
});

test.run();
