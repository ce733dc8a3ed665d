import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Expressions } from '../../../../src/generate/constraints/expressions/expressions.js';
import { compileJsonSchema } from '../../../../src/generate/constraints/json_schema/compile_json_schema.js';
import { thrown } from '../../../support/thrown.js';

type Schema = Record<string, unknown>;

function range<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

function map(count: number, make: (i: number) => [string, unknown]): Schema {
  return Object.fromEntries(range(count, make));
}

function nested(depth: number, around: (schema: Schema) => Schema): Schema {
  return range(depth, (i) => i).reduce((schema) => around(schema), {} as Schema);
}

const itself: Schema = { type: 'object' };
itself.properties = { a: itself };

const REFUSED: readonly [string, Schema, string][] = [
  ['deep nesting', nested(300, (items) => ({ items })), 'nested more than 250 levels'],
  ['an object that contains itself', itself, 'nested more than 250 levels'],
  [
    'oneOf of objects that overlap',
    {
      oneOf: range(20, (i) => ({
        type: 'object',
        properties: map(5, (j) => [`p${i + j}`, { type: 'integer' }]),
        required: [`p${i}`],
      })),
    },
    'more than 2000 alternatives for objects',
  ],
  [
    'anyOf that multiply',
    { type: 'object', allOf: range(15, (i) => ({ anyOf: range(4, (j) => ({ required: [`k${i} ${j}`] })) })) },
    'more than 2000 alternatives for objects',
  ],
  [
    'dependencies that multiply',
    { type: 'object', dependentRequired: map(50, (i) => [`d${i}`, [`e${i}`]]) },
    'more than 2000 alternatives for objects',
  ],
  ['many numbers', { enum: range(5000, (i) => i) }, 'more than 2000 alternatives for numbers'],
  ['many texts', { enum: range(100_000, (i) => `text ${i}`) }, 'too complex'],
  ['a long text with a pattern', { type: 'string', minLength: 1e6, pattern: 'a' }, 'too complex'],
  ['many properties that must exist', { type: 'object', minProperties: 1e9 }, 'wants more than 20000'],
  [
    'many properties',
    { type: 'object', properties: map(3000, (i) => [`p${i}`, true]) },
    'names more than 2000',
  ],
  [
    'many items that are counted',
    { type: 'array', contains: { const: 1 }, minContains: 1e9 },
    'counts more than 1000 items',
  ],
  ['many items that differ', { type: 'array', uniqueItems: true, minItems: 1e9 }, 'more than 256 items'],
  ['repetitions of repetitions', { type: 'string', pattern: '(x{1000}){1000}' }, 'repetitions stand for'],
  [
    'patterns of names that overlap',
    { type: 'object', patternProperties: map(12, (i) => [`a.{${i}}b`, { minimum: i }]) },
    'too many patterns of names',
  ],
  [
    'numbers that are no multiples of many',
    { type: 'integer', not: { anyOf: range(20, (i) => ({ multipleOf: i + 2 })) } },
    'multiples of more than 8',
  ],
];

for (const [title, schema, words] of REFUSED) {
  test(`${title}: refused`, async () => {
    await thrown(() => compileJsonSchema(new Expressions(), { jsonSchema: schema }), 'invalid-option', words);
  });
}

const COMPILED: readonly [string, Schema][] = [
  ['nesting', nested(120, (a) => ({ type: 'object', properties: { a }, required: ['a'] }))],
  ['negations of negations', nested(200, (not) => ({ not }))],
  ['many items', { type: 'array', minItems: 1e9 }],
  ['a long text', { type: 'string', minLength: 1e9 }],
  ['texts that must not be short', { type: 'string', not: { maxLength: 2 ** 53 } }],
  [
    'an integer or a text of any length',
    { type: ['string', 'integer'], if: { minLength: 9, maxLength: 1e9 } },
  ],
  ['a pattern that takes others long', { type: 'string', pattern: '(a+)+$' }],
  ['the smallest step', { type: 'number', multipleOf: 5e-324 }],
  ['a large common multiple', { type: 'integer', allOf: range(300, (i) => ({ multipleOf: 2 * i + 1 })) }],
  [
    'references that double',
    {
      $ref: '#/$defs/a0',
      $defs: map(60, (i) => [
        `a${i}`,
        i < 59
          ? { allOf: [{ $ref: `#/$defs/a${i + 1}` }, { $ref: `#/$defs/a${i + 1}` }] }
          : { type: 'object' },
      ]),
    },
  ],
  [
    'items of which few differ',
    { type: 'array', uniqueItems: true, items: { enum: range(256, (i) => i) }, minItems: 250 },
  ],
];

for (const [title, schema] of COMPILED) {
  test(`${title}: compiled, and the first bytes lead on`, () => {
    let state = compileJsonSchema(new Expressions(), { jsonSchema: schema });
    for (let i = 0; i < 10 && !state.isNullable; i++) {
      const before = state;
      const byte = range(256, (each) => each).find((each) => !before.step(each).isNothing);
      assert.is.not(byte, undefined);
      state = before.step(byte!);
    }
  });
}

test('an error says no more of a large schema than its place', async () => {
  const { message } = await thrown(
    () => compileJsonSchema(new Expressions(), { jsonSchema: { minimum: 'x'.repeat(10_000) } }),
    'invalid-option',
  );
  assert.ok(message.length < 200, `${message.length}`);
});

test.run();
