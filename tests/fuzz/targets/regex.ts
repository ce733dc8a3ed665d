import { compileFormat } from '../../../src/index.js';
import { COMMON, derived, type Grammar } from '../grammar.js';
import { type Target, text, textOf } from '../target.js';

const GRAMMAR: Grammar = {
  ...COMMON,
  start: ['<choice>', '^<choice>$', '(?i)<choice>'],
  choice: ['<sequence>', '<sequence>|<choice>', '|<sequence>'],
  sequence: ['<item>', '<item><item>', '<item><sequence>', ''],
  item: ['<atom>', '<atom>', '<atom><times>', '<atom><times>?'],
  times: ['*', '+', '?', '{<count>}', '{<count>,}', '{0,<count>}', '{2,16}', '{1,300}'],
  atom: ['<letter>', '.', '<set>', '<class>', '<escape>', '(<choice>)', '(?:<choice>)', '(?<n>a)', '<odd>'],
  odd: ['(?i:<choice>)', '(?=<choice>)', '(?!a)', '(?<=a)', '\\1', '\\k<n>', '\\b', '$', '^'],
  class: ['\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\p{L}', '\\P{Lu}', '\\p{Script=Greek}', '\\p{Emoji}'],
  escape: ['\\n', '\\.', '\\u{1F600}', '\\u00e9', '\\x41', '\\cA', '\\0', '\\-', '\\/', '\\ud83d\\ude00'],
  set: ['[<members>]', '[^<members>]', '[]', '[^]'],
  members: ['<member>', '<member><members>'],
  member: ['<letter>', 'a-z', '<letter>-<letter>', '<class>', '<escape>', '-', '&&', '[a]'],
};

export const REGEX: Target = {
  ...{ name: 'regex', kind: 'text' },
  words: [
    '(?:',
    '(?=',
    '(?<n>',
    '\\k<n>',
    '\\p{L}',
    '\\b',
    '[^',
    '{2,5}',
    '|',
    '(?i)',
    '\\u{1F600}',
    '.*',
    '$',
  ],
  seeds: () =>
    [
      'a(b|c)*d?',
      '[\\w.]+@[a-z]{2,8}\\.com',
      '(\\d{3}-){2}\\d{4}',
      '^(yes|no)$',
      '\\p{Lu}\\p{Ll}+(?: [A-Z]\\.)?',
      '[^\\s"]{1,20}',
    ].map(text),
  fresh: (random) => text(derived(GRAMMAR, random)),
  read: (input) => compileFormat({ regex: textOf(input) } as never),
};
