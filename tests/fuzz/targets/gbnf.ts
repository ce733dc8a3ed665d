import { compileFormat } from '../../../src/index.js';
import { COMMON, derived, type Grammar } from '../grammar.js';
import { type Target, text, textOf } from '../target.js';
import { keptTexts } from '../texts.js';

const GRAMMAR: Grammar = {
  ...COMMON,
  start: ['root ::= <choice>\n', 'root ::= <choice>\na ::= <choice>\n', '<all>'],
  all: ['root ::= <choice>\na ::= <choice>\nb ::= <choice> # a comment\nc-1 ::= (\n <choice>\n)\n'],
  choice: ['<sequence>', '<sequence> | <choice>', '<sequence>|\n<choice>'],
  sequence: ['<item>', '<item> <item>', '<item> <sequence>', ''],
  item: ['<atom>', '<atom>', '<atom><times>'],
  times: ['*', '+', '?', '{<count>}', '{<count>,}', '{0,<count>}', '{,3}', '{2,1}'],
  atom: ['"<word>"', '"<escape>"', '[a-z]', '[^"\\\\<letter>]', '.', '(<choice>)', 'a', 'b', 'c-1', 'root'],
  escape: ['\\n', '\\"', '\\\\', '\\x41', '\\u00e9', '\\U0001F600', '\\t', ''],
};

export const GBNF: Target = {
  ...{ name: 'gbnf', kind: 'text' },
  words: ['root', '::=', '|', '(', ')', '*', '+', '?', '{2,3}', '"', '[^', '\n', '#', '\\n', '\\x41', '.'],
  seeds: () => keptTexts('grammars', ['chess.gbnf', 'json.gbnf']).map(text),
  fresh: (random) => text(derived(GRAMMAR, random)),
  read: (input) => compileFormat({ grammar: textOf(input) } as never),
};
