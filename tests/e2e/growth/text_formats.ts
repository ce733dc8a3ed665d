import { compileFormat, type Format } from '../../../src/index.js';
import { type GrowthCase, range } from './growth_case.js';

type Case<T extends readonly unknown[]> = readonly [title: string, size: number, ...T];

const NAMED = 'each place in an object has all properties that may come next; a schema names at most 2000';
const NESTED = 'a part is read anew at each level, of which there are at most 250';
const DIFFERENT = 'each place knows all that was used before';

/** Formats, compiled; then texts that they accept or refuse. */
const FORMATS: readonly Case<
  [format: (size: number) => Format, text: (size: number) => string, quadratic?: string]
>[] = [
  [
    'a long regular expression',
    200,
    (size) => ({ regex: 'ab[c-e]'.repeat(size) }),
    (size) => 'abd'.repeat(size),
  ],
  [
    'alternatives of a regular expression',
    100,
    (size) => ({ regex: range(size, (i) => `word${i}`).join('|') }),
    (size) => `word${size - 1}`,
  ],
  [
    'alternatives that begin alike',
    50,
    (size) => ({ regex: range(size, (i) => `${'a'.repeat(30)}${i}`).join('|') }),
    () => `${'a'.repeat(30)}7`,
  ],
  ['a text of nested repetitions', 1000, () => ({ regex: '(a*)*b?' }), (size) => 'a'.repeat(size)],
  ['a text of alternatives', 1000, () => ({ regex: '(a|aa)+' }), (size) => 'a'.repeat(size)],
  ['a text of lookaheads', 500, () => ({ regex: '(?:(?=.*foo).)*foo' }), (size) => 'foo'.repeat(size)],
  ['optional characters', 100, (size) => ({ regex: 'a?'.repeat(size) }), () => 'aaa'],
  [
    'groups in groups',
    40,
    (size) => ({ regex: `${'('.repeat(size)}a${')*'.repeat(size)}` }),
    () => 'aaa',
    NESTED,
  ],
  ['a counted repetition', 100, (size) => ({ regex: `(?:ab){1,${size}}` }), (size) => 'ab'.repeat(size)],
  ['choices', 100, (size) => ({ choices: range(size, (i) => `choice ${i}`) }), () => 'choice 7'],
  ['a long choice', 500, (size) => ({ choices: ['ab'.repeat(size), 'b'] }), (size) => 'ab'.repeat(size)],
  [
    'properties of an object',
    15,
    (size) => ({
      jsonSchema: {
        type: 'object',
        properties: Object.fromEntries(range(size, (i) => [`p${i}`, { type: 'integer' }])),
      },
    }),
    () => '{"p1":2}',
    NAMED,
  ],
  [
    'properties in any order',
    8,
    (size) => ({
      jsonSchema: {
        type: 'object',
        properties: Object.fromEntries(range(size, (i) => [`p${i}`, { type: 'integer' }])),
      },
      order: 'any',
    }),
    () => '{"p1":2}',
  ],
  [
    'values of an enum',
    150,
    (size) => ({ jsonSchema: { enum: range(size, (i) => `value ${i}`) } }),
    () => '"value 7"',
  ],
  ['numbers of an enum', 100, (size) => ({ jsonSchema: { enum: range(size, (i) => 3 * i) } }), () => '21'],
  [
    'schemas of anyOf',
    50,
    (size) => ({ jsonSchema: { anyOf: range(size, (i) => ({ const: `c${i}` })) } }),
    () => '"c7"',
  ],
  [
    'schemas of allOf',
    15,
    (size) => ({
      jsonSchema: {
        allOf: range(size, (i) => ({ type: 'object', properties: { [`p${i}`]: { type: 'integer' } } })),
      },
    }),
    () => '{"p1":2}',
    NAMED,
  ],
  [
    'definitions that refer to each other',
    6,
    (size) => ({
      jsonSchema: {
        $ref: '#/$defs/d0',
        $defs: Object.fromEntries(
          range(size, (i) => [
            `d${i}`,
            i + 1 < size ? { type: 'object', properties: { a: { $ref: `#/$defs/d${i + 1}` } } } : true,
          ]),
        ),
      },
    }),
    () => '{}',
  ],
  [
    'nested schemas',
    30,
    (size) => ({
      jsonSchema: range(size, (i) => i).reduce<object>((items) => ({ type: 'array', items }), {
        type: 'null',
      }),
    }),
    () => '[]',
    NESTED,
  ],
  [
    'prefixItems',
    100,
    (size) => ({
      jsonSchema: { type: 'array', prefixItems: range(size, () => ({ type: 'integer' })), minItems: size },
    }),
    (size) => `[${range(size, (i) => i)}]`,
  ],
  [
    'a text with a long string',
    500,
    () => ({ jsonSchema: { type: 'string' } }),
    (size) => JSON.stringify('a"é'.repeat(size)),
  ],
  [
    'a text with many items',
    300,
    () => ({ jsonSchema: { type: 'array', items: { type: 'integer' } } }),
    (size) => `[${range(size, (i) => i)}]`,
  ],
  [
    'a text of unknown properties',
    40,
    () => ({ jsonSchema: { type: 'object', additionalProperties: { type: 'integer' } } }),
    (size) => `{${range(size, (i) => `"p${i}":${i}`)}}`,
    DIFFERENT,
  ],
  [
    'a text of different items',
    32,
    () => ({ jsonSchema: { type: 'array', uniqueItems: true, items: { type: 'integer' } } }),
    (size) => `[${range(size, (i) => i)}]`,
    DIFFERENT,
  ],
  [
    'a text with a long property name',
    300,
    () => ({ jsonSchema: { type: 'object' } }),
    (size) => `{"${'ab'.repeat(size)}":1}`,
  ],
  [
    'a text of listed properties',
    12,
    (size) => ({
      jsonSchema: {
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(range(size, (i) => [`p${i}`, { type: 'integer' }])),
      },
    }),
    (size) => `{${range(size, (i) => `"p${i}":${i}`)}}`,
    NAMED,
  ],
  [
    'rules of a grammar',
    100,
    (size) => ({
      grammar: `root ::= r0\n${range(size, (i) => `r${i} ::= "a" ${i + 1 < size ? `r${i + 1}?` : ''}\n`).join('')}`,
    }),
    () => 'aaa',
  ],
  [
    'alternatives of a rule',
    100,
    (size) => ({ grammar: `root ::= ${range(size, (i) => `"w${i}"`).join(' | ')}` }),
    () => 'w7',
  ],
  [
    'a text of a recursive rule',
    100,
    () => ({ grammar: 'root ::= "(" root ")" | "a"' }),
    (size) => `${'('.repeat(size)}a${')'.repeat(size)}`,
  ],
  [
    'a text of a left-recursive rule',
    100,
    () => ({ grammar: 'root ::= root "+" "a" | "a"' }),
    (size) => `a${'+a'.repeat(size)}`,
  ],
];

export const TEXT_FORMATS: GrowthCase[] = FORMATS.map(([title, size, format, text, quadratic]) => ({
  ...{ title: `compileFormat, ${title}`, size, quadratic },
  prepare(size) {
    const [given, read] = [format(size), text(size)];
    return async () => {
      const compiled = await compileFormat(given);
      if (!compiled.accepts(read)) throw new Error('it is refused');
    };
  },
}));
