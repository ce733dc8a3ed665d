import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../../src/base/errors.js';
import type { Expression } from '../../../../src/generate/constraints/expressions/expression.js';
import { Expressions } from '../../../../src/generate/constraints/expressions/expressions.js';
import { compileGrammar } from '../../../../src/generate/constraints/grammar/compile_grammar.js';
import { holds } from '../../../support/property.js';
import { accepts } from '../accepts.js';
import { walk } from '../walk.js';
import { matches, rules, texts, written } from './random_grammar.js';

const compile = (text: string) => compileGrammar(new Expressions(), text);

test('a random grammar accepts the texts that trying all ways finds', () =>
  holds(
    'grammars',
    fc.tuple(rules, fc.array(texts, { minLength: 1, maxLength: 20 })),
    async ([all, some]) => {
      const grammar = written(all);
      const expression = compiledOrRefused(grammar);
      for (const text of expression === undefined ? [] : some) {
        assert.is(accepts(expression!, text), matches(all, text), JSON.stringify([grammar, text]));
      }
    },
    300,
  ));

const walks = fc.array(fc.array(fc.nat(), { minLength: 20, maxLength: 20 }), { minLength: 1, maxLength: 10 });

test('no way through the states of a grammar is a dead end, and it has all texts that they write', () =>
  holds(
    'walks',
    fc.tuple(rules, walks),
    async ([all, some]) => {
      const grammar = written(all);
      const expression = compiledOrRefused(grammar);
      for (const picks of expression === undefined ? [] : some) {
        for (const text of walk(expression!, picks))
          assert.ok(matches(all, text), JSON.stringify([grammar, text]));
      }
    },
    200,
  ));

/** Undefined for a random grammar whose rules have no texts. */
function compiledOrRefused(grammar: string): Expression | undefined {
  try {
    return compile(grammar);
  } catch (error) {
    if (String(error).includes('no text matches')) return undefined;
    throw error;
  }
}

test('a rule may begin with itself', () => {
  const sums = compile(`
    root ::= sum
    sum ::= sum [+-] product | product
    product ::= product [*/] factor | factor
    factor ::= [0-9]+ | "(" sum ")"
  `);
  for (const text of ['1', '1+2*3-(4/5)*6', '((7))']) assert.ok(accepts(sums, text), text);
  for (const text of ['', '+1', '1+', '1+*2', '(1', '1)']) assert.not(accepts(sums, text), text);
});

test('a rule that consists of itself twice does not make more states for longer texts', () => {
  const make = new Expressions();
  const expression = compileGrammar(make, 'root ::= root root | "a"');
  assert.ok(accepts(expression, 'a'.repeat(10)));
  const { size } = make;
  assert.ok(accepts(expression, 'a'.repeat(1000)));
  assert.is(make.size, size);
});

test('characters are escaped, and classes hold what they name', () => {
  const all = compile('root ::= [-\\x61\\u00e9\\U0001F600\\]\\\\c-e-]+ "\\"\\t\\r\\n\\[\\-"');
  assert.ok(accepts(all, '-aé😀]\\cde-"\t\r\n[-'));
  assert.not(accepts(all, 'b"\t\r\n[-'));
  assert.ok(accepts(compile('root ::= [^a\\n].'), 'b\n'));
  assert.not(accepts(compile('root ::= [^a\\n].'), '\nb'));
});

test('a chain of 20,000 rules that each begin with a character is compiled', () => {
  const rule = (_: unknown, i: number) => `r${i} ::= "a" r${i + 1}\n`;
  const grammar = `root ::= r0\n${Array.from({ length: 20_000 }, rule).join('')}r20000 ::= "b"\n`;
  assert.ok(accepts(compile(grammar), `${'a'.repeat(20_000)}b`));
});

const chain = Array.from({ length: 1000 }, (_, i) => `r${i} ::= r${i + 1}\n`).join('');

const REFUSED: readonly [grammar: string, message: RegExp][] = [
  ['x ::= "a"', /the grammar has no rule named root/],
  ['root ::= "a" |\n  x y\ny ::= "b"', /the rule x is not defined, at line 2, column 3/],
  ['root ::= "a"\r\nroot ::= "b"', /root is defined for the second time, at line 2, column 1/],
  ['root ::= "a" | x\nx ::= "b" x', /no text matches the rule x, at line 2, column 1/],
  ['root ::= "\\ud800"', /no text matches the rule root/],
  [
    'root ::= a\na ::= "c"? b "x" | "y"\nb ::= a | "z"',
    /a begins with itself \(a, b, a\).* at line 2, column 1/,
  ],
  ['root ::= ("a"?)* root "b" | ""', /root begins with itself \(root, root\)/],
  ['root ::= <[12]>', /tokens such as <\[1000\]> are not supported.* at line 1, column 10/],
  ['root ::= !<think>', /tokens such as .* column 10/],
  ['root = "a"', /"=" stands where "::=" is expected, at line 1, column 6/],
  ['root ::= "a', /the end stands where a character is expected, at line 1, column 12/],
  ['root ::= ("a"\n', /the end stands where "\)" is expected, at line 2, column 1/],
  ['root ::= "a" )', /"\)" stands where an item or the end of the line is expected, at line 1, column 14/],
  ['root ::= * "a"', /"\*" stands where an item or the end of the line is expected, at line 1, column 10/],
  ['root ::= "a"\n"b"', /stands where a rule's name is expected, at line 2, column 1/],
  ['root ::= "\\q"', /\\q is no escape, at line 1, column 11/],
  ['root ::= "\\x4"', /\\x needs 2 hexadecimal digits, at line 1, column 11/],
  ['root ::= "\\U00110000"', /\\U00110000 is beyond Unicode/],
  ['root ::= [b-a]', /a range of characters begins behind its end, at line 1, column 11/],
  ['root ::= []', /a class has no characters, at line 1, column 11/],
  ['root ::= "a"{,2}', /"," stands where a number is expected, at line 1, column 14/],
  ['root ::= "a"{2,1}', /\{2,1\} has its numbers out of order, at line 1, column 13/],
  ['root ::= "a"{100001}', /more than 100000 rounds; use smaller numbers, at line 1, column 13/],
  ['root ::= ("a"{1000}){1000}', /more than 100000 rounds/],
  [`root ::= ${'('.repeat(201)}"a"`, /nested more than 200 deep, at line 1, column 210/],
  [`root ::= "a"${'?'.repeat(201)}`, /more than 200 repetitions/],
  [`root ::= r0\n${chain}r1000 ::= "a"`, /more than 200 rules and groups begin with each other/],
  [`root ::= "${'a'.repeat(500_000)}"`, /a grammar has 500011 characters, which is more than 500000/],
];

for (const [grammar, message] of REFUSED) {
  test(`${JSON.stringify(grammar.slice(0, 40))} is refused with its place`, () => {
    assert.throws(
      () => compile(grammar),
      (error: unknown) =>
        error instanceof Gpt2Error && error.code === 'invalid-option' && message.test(error.message),
    );
  });
}

test.run();
