import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Expressions } from '../../../../src/generate/constraints/expressions/expressions.js';
import type { JsonSchemaFormat } from '../../../../src/generate/constraints/format.js';
import { compileJsonSchema } from '../../../../src/generate/constraints/json_schema/compile_json_schema.js';
import { thrown } from '../../../support/thrown.js';
import { accepts } from '../accepts.js';

type Options = Omit<JsonSchemaFormat, 'jsonSchema'>;

/** Checks which texts a schema accepts and which not. */
function check(jsonSchema: object | boolean, right: string[], wrong: string[], options: Options = {}): void {
  const expression = compileJsonSchema(new Expressions(), { jsonSchema, ...options });
  for (const text of right) assert.ok(accepts(expression, text), `accepts ${text}`);
  for (const text of wrong) assert.not(accepts(expression, text), `refuses ${text}`);
}

async function refusal(words: string, jsonSchema: unknown, options: Options = {}): Promise<void> {
  const format = { jsonSchema: jsonSchema as object, ...options };
  await thrown(() => compileJsonSchema(new Expressions(), format), 'invalid-option', words);
}

test('properties come in the order of the schema, others after them, and none twice', () => {
  const schema = { properties: { a: { type: 'null' }, b: { type: 'boolean' } }, required: ['b'] };
  check(
    { ...schema, type: 'object' },
    ['{"b":true}', '{"a":null,"b":true}', '{"b":true,"c":[],"":{}}'],
    [
      '{}',
      '{"b":true,"a":null}',
      '{"c":1,"b":true}',
      '{"b":true,"c":1,"c":1}',
      '{"b":1}',
      '{"b":true,}',
      '{ "b":true}',
    ],
  );
  check(schema, ['{"c":1,"b":true,"a":null}'], ['{"b":true,"b":true}', '{"c":1,"b":true,"c":1}'], {
    order: 'any',
  });
});

test('merged schemas name their properties in the order in which they are written', () => {
  const base = { properties: { id: { const: 1 } }, required: ['id'] };
  const named = { properties: { name: { const: 2 } }, required: ['name'] };
  const schema = { type: 'object', allOf: [base], $ref: '#/$defs/named', $defs: { named } };
  check(schema, ['{"id":1,"name":2}'], ['{"name":2,"id":1}']);
});

test('white space stands between tokens if it is asked for', () => {
  const schema = { type: 'array', items: { type: 'object' } };
  check(schema, [' [ { } , {\n\t"a" : 1\r}\n] '], ['[{}{}]', '[{"a":1 2}]'], { whitespace: 'any' });
  check(schema, ['[{},{"a":1}]'], ['[{}, {}]', ' []']);
});

test('numbers stay in bounds in every digit', () => {
  check(
    { type: 'integer', minimum: -3, maximum: 120 },
    ['-3', '0', '7', '99', '120'],
    ['-4', '121', '200', '1000', '1.5', '00', '-0', '01'],
  );
  check(
    { type: 'number', exclusiveMinimum: 0, maximum: 1.5 },
    ['0.1', '1', '1.5', '1.50', '1e-7'],
    ['0', '0.0', '-0.1', '1.51', '2', '1.', '.5', '1e+21'],
  );
  check({ type: 'number', multipleOf: 0.01, minimum: 1 }, ['1', '1.5', '12.34'], ['0.99', '1.234', '1e-7']);
  check({ type: 'integer', multipleOf: 7 }, ['0', '-7', '21', '1001', '7e+21'], ['1', '22', '1e+21']);
  check(
    { type: 'number' },
    ['1.7976931348623157e+308', '5e-324', '-1.5e+21'],
    ['1.8e+308', '1e5', '1E+21', 'NaN'],
  );
  check({ type: 'number', not: { type: 'integer' } }, ['0.5', '1e-7'], ['1', '1.0', '1e+21']);
  check({ enum: [1, 2.5, 1e21, -0] }, ['1', '2.5', '1e+21', '0'], ['2', '1.0', '2.50']);
});

test('strings have lengths in characters, and patterns', () => {
  check(
    { type: 'string', minLength: 2, maxLength: 3 },
    ['"äö"', '"😀😀😀"', '"\\n\\""'],
    ['"a"', '"abcd"', '"\\n"'],
  );
  check({ type: 'string', pattern: '^a+$', maxLength: 3 }, ['"a"', '"aaa"'], ['""', '"aaaa"', '"b"']);
  check({ type: 'string', not: { pattern: 'b' } }, ['"a"', '""'], ['"abc"']);
  check(
    { type: 'string' },
    ['"\\u0041\\/\\ud83d\\ude00"', '"\u007f"'],
    ['"\\ud83d"', '"\\x"', '"\n"', '"a', 'a"'],
  );
  check({ enum: ['"', '\u0001', 'é'] }, ['"\\""', '"\\u0001"', '"é"'], ['"\\u00e9"']);
});

test('lists count, differ and contain', () => {
  check(
    { type: 'array', items: { type: 'integer' }, minItems: 1, maxItems: 2 },
    ['[1]', '[1,2]'],
    ['[]', '[1,2,3]'],
  );
  check(
    { items: { enum: [1, 2, 3] }, uniqueItems: true, type: 'array' },
    ['[]', '[3,1,2]'],
    ['[1,1]', '[1,2,3,1]'],
  );
  check(
    { type: 'array', uniqueItems: true },
    ['["a","b",{"a":1},1,null]', '[[1],[2]]'],
    ['["a","a"]', '[{"a":1},{"a":1}]', '[1,1.0]', '[null,null]'],
  );
  check(
    { type: 'array', contains: { const: 1 }, maxContains: 2 },
    ['[1]', '[2,1,1]'],
    ['[]', '[2]', '[1,1,1]'],
  );
  check(
    { prefixItems: [{ enum: [1, 2] }, { const: 1 }], minItems: 2, uniqueItems: true, type: 'array' },
    ['[2,1]'],
    ['[1,1]', '[1]'],
  );
});

test('schemas are combined', () => {
  const shapes = [
    {
      type: 'object',
      properties: { kind: { const: 'circle' }, r: { type: 'number' } },
      required: ['kind', 'r'],
    },
    {
      type: 'object',
      properties: { kind: { const: 'square' }, a: { type: 'number' } },
      required: ['kind', 'a'],
    },
  ];
  const right = ['{"kind":"circle","r":1}', '{"kind":"square","a":2}'];
  const wrong = ['{"kind":"circle","a":1}', '{"kind":"oval","r":1}'];
  check({ oneOf: shapes }, right, wrong);
  check({ anyOf: shapes, unevaluatedProperties: false }, right, [...wrong, '{"kind":"circle","r":1,"x":1}']);
  check({ oneOf: [{ type: 'integer' }, { minimum: 5 }], type: 'number' }, ['1', '5.5'], ['6', '1.5']);
  const conditional = JSON.parse(
    '{"if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}',
  ) as object;
  check(
    { type: 'object', ...conditional },
    ['{"a":1,"b":1}', '{"a":2,"c":1}', '{"c":1}'],
    ['{"a":1,"c":1}', '{}'],
  );
  check(
    { type: 'object', dependentRequired: { a: ['b'] }, maxProperties: 2 },
    ['{}', '{"a":1,"b":1}', '{"c":1}'],
    ['{"a":1}', '{"a":1,"b":1,"c":1}'],
  );
});

test('schemas contain themselves', async () => {
  const tree = {
    type: 'object',
    properties: { value: { type: 'integer' }, children: { type: 'array', items: { $ref: '#' } } },
    required: ['value'],
    additionalProperties: false,
  };
  check(tree, ['{"value":1,"children":[{"value":2,"children":[]}]}'], ['{"value":1,"children":[{}]}']);
  const sets = { type: 'array', items: { $ref: '#' }, uniqueItems: true };
  check(sets, ['[[],[[]],[[],[[]]]]'], ['[[],[]]', '[1]']);
  await refusal('no JSON matches', { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] });
});

test('an if without then and else allows all, also if it can only hold', () => {
  const schema = { type: 'array', items: { type: 'null' }, maxItems: 2 };
  check(
    { ...schema, if: { uniqueItems: true } },
    ['[]', '[null]', '[null,null]'],
    ['[null,null,null]', '[1]'],
  );
});

test('names of JavaScript are names like others', () => {
  const properties = JSON.parse('{"__proto__":{"type":"null"},"constructor":{"type":"null"}}') as object;
  check(
    { type: 'object', properties, required: ['toString'] },
    ['{"__proto__":null,"constructor":null,"toString":1}'],
    ['{"__proto__":1,"toString":1}', '{}'],
  );
});

test('U+FEFF at the beginning of a string is a character', () => {
  const mark = '\ufeff';
  const any = { order: 'any' } as const;
  check({ type: 'object' }, [`{"${mark}a":1,"a":1}`], [`{"${mark}a":1,"${mark}a":1}`], any);
  check(
    { patternProperties: { '^a': { type: 'number' } } },
    [`{"${mark}a":"x"}`, '{"a":1}'],
    ['{"a":"x"}'],
    any,
  );
  check({ uniqueItems: true }, [`["${mark}a","a"]`], [`["${mark}a","${mark}a"]`]);
});

test('what cannot be compiled is refused with its place', async () => {
  await refusal('format.jsonSchema#/properties/a/minLength: is "x"', {
    properties: { a: { minLength: 'x' } },
  });
  await refusal('format.jsonSchema#/$ref: "https://example.com/other" leads to', {
    $ref: 'https://example.com/other',
  });
  await refusal('there is no schema at "#/$defs/none"', { $ref: '#/$defs/none' });
  await refusal('is no dialect', { $schema: 'https://example.com/dialect' });
  await refusal('refers to itself for the same value', { allOf: [{ $ref: '#' }] });
  await refusal('it must be one or several of null, boolean', { type: 'strin' });
  await refusal('no JSON matches this schema', { type: 'object', not: { type: 'object' } });
  await refusal('#/properties/a/pattern: the regular expression /(/', {
    properties: { a: { pattern: '(' } },
  });
  await refusal('#/patternProperties/~1(: the regular expression', { patternProperties: { '/(': true } });
  await refusal('#/properties/a: wants more than', {
    properties: { a: { type: 'object', minProperties: 1e9 } },
  });
  await refusal('#/items/$recursiveRef: is of draft 2019-09', { items: { $recursiveRef: '#' } });
  const draft7 = { $schema: 'http://json-schema.org/draft-07/schema#', items: { $recursiveRef: '#' } };
  check({ ...draft7, type: 'array' }, ['[1]'], ['{}']);
  await refusal('must be a schema', 7);
  await refusal("it must be 'schema' or 'any'", {}, { order: 'sorted' as 'any' });
});

test.run();
