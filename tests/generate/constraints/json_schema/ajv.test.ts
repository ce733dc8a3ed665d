import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../../src/base/errors.js';
import type { Expression } from '../../../../src/generate/constraints/expressions/expression.js';
import { Expressions } from '../../../../src/generate/constraints/expressions/expressions.js';
import type { JsonSchemaFormat } from '../../../../src/generate/constraints/format.js';
import { compileJsonSchema } from '../../../../src/generate/constraints/json_schema/compile_json_schema.js';
import { holds } from '../../../support/property.js';
import { accepts } from '../accepts.js';
import { isValid } from './literal_validator.js';
import { randomWalk } from './random_walk.js';
import { instances, linked, recursiveSchemas, schemas } from './schemas.js';

type Validate = (value: unknown) => boolean;

/** What the plain validator says about values; ajv must agree if no unevaluated parts are in question. */
function oracle(schema: object | boolean): Validate {
  const literal: Validate = (value) => isValid(schema as Record<string, unknown>, value);
  if (JSON.stringify(schema).includes('"unevaluated')) return literal;
  const validate = ajvOracle(schema);
  return (value) => {
    assert.is(literal(value), validate(value), 'both validators agree');
    return validate(value);
  };
}

function ajvOracle(schema: object | boolean): Validate {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false });
  return ajv.compile(schema) as Validate;
}

/** undefined if the schema is refused for a reason other than that no value is valid; `nothing` for that. */
function compiled(format: JsonSchemaFormat): Expression | 'nothing' | undefined {
  try {
    return compileJsonSchema(new Expressions(), format);
  } catch (error) {
    assert.instance(error, Gpt2Error, (error as Error).stack ?? '');
    return (error as Gpt2Error).message.includes('no JSON matches') ? 'nothing' : undefined;
  }
}

/** All orders of the keys of a value and of its parts, as texts. */
function* orders(value: unknown): Generator<string> {
  if (Array.isArray(value)) {
    for (const items of products(value.map((item) => [...orders(item)]))) yield `[${items}]`;
  } else if (typeof value === 'object' && value !== null) {
    for (const keys of permutations(Object.keys(value))) {
      const members = keys.map((key) =>
        [...orders((value as Record<string, unknown>)[key])].map((text) => `${JSON.stringify(key)}:${text}`),
      );
      for (const texts of products(members)) yield `{${texts}}`;
    }
  } else yield JSON.stringify(value);
}

function* permutations(names: readonly string[]): Generator<string[]> {
  if (names.length === 0) yield [];
  for (const name of names) {
    for (const rest of permutations(names.filter((other) => other !== name))) yield [name, ...rest];
  }
}

function* products(lists: readonly (readonly string[])[]): Generator<string[]> {
  const [first, ...rest] = lists;
  if (first === undefined) yield [];
  else for (const one of first) for (const others of products(rest)) yield [one, ...others];
}

const someInstances = fc.array(instances, { minLength: 8, maxLength: 20 });

test('a schema accepts what ajv accepts', async () => {
  let refused = 0;
  let valid = 0;
  await holds(
    'accepts as ajv',
    fc.tuple(schemas, someInstances),
    async ([jsonSchema, values]) => {
      const validate = oracle(jsonSchema);
      const expression = compiled({ jsonSchema, order: 'any', whitespace: 'any' });
      const ordered = compiled({ jsonSchema });
      if (expression === undefined) refused++;
      for (const value of values) {
        const isRight = validate(value);
        if (isRight) valid++;
        const text = JSON.stringify(value);
        if (expression === 'nothing') assert.not(isRight, `${text} is valid`);
        else if (expression !== undefined) {
          assert.is(accepts(expression, text), isRight, text);
          assert.is(accepts(expression, JSON.stringify(value, null, 2)), isRight, text);
        }
        if (ordered === undefined || ordered === 'nothing' || text.length > 60) continue;
        const isAccepted = [...orders(value)].some((each) => accepts(ordered, each));
        assert.is(isAccepted, isRight, `some order of ${text}`);
      }
    },
    150,
  );
  console.log(`${refused} schemas were refused, ${valid} values were valid`);
});

test('schemas that refer to themselves and to each other accept valid values, and all ways end in one', async () => {
  let checked = 0;
  await holds(
    'references',
    fc.tuple(recursiveSchemas, someInstances, fc.integer()),
    async ([jsonSchema, values, seed]) => {
      const expression = compiled({ jsonSchema, order: 'any' });
      if (expression === undefined) return;
      const schema = linked(jsonSchema);
      for (const value of values) {
        const isRight = unlessEndless(() => isValid(schema, value));
        if (isRight === undefined) continue;
        checked++;
        const text = JSON.stringify(value);
        assert.is(expression !== 'nothing' && accepts(expression, text), isRight, text);
      }
      if (expression === 'nothing') return;
      const text = randomWalk(expression, seed);
      if (text === undefined || /[\d.]{15}|\de/.test(text)) return;
      assert.is.not(
        unlessEndless(() => isValid(schema, JSON.parse(text))),
        false,
        text,
      );
    },
    100,
  );
  console.log(`${checked} values were checked`);
});

/** undefined if a schema applies itself to the same value without end. */
function unlessEndless<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

for (const options of [{}, { order: 'any', whitespace: 'any' }] as const) {
  test(`all ways through a schema end in a valid value: ${JSON.stringify(options)}`, async () => {
    let finished = 0;
    await holds(
      'random ways',
      fc.tuple(schemas, fc.array(fc.integer(), { minLength: 3, maxLength: 3 })),
      async ([jsonSchema, seeds]) => {
        const expression = compiled({ jsonSchema, ...options });
        if (expression === undefined || expression === 'nothing') return;
        const validate = oracle(jsonSchema);
        for (const seed of seeds) {
          const text = randomWalk(expression, seed);
          // A double has no exact value for longer numbers.
          if (text === undefined || /[\d.]{15}|\de/.test(text)) continue;
          finished++;
          assert.ok(validate(JSON.parse(text)), text);
          assert.is(keysIn(text), keysOf(JSON.parse(text)), `no key twice: ${text}`);
        }
      },
      100,
    );
    console.log(`${finished} ways were finished`);
  });
}

/** The number of keys in a text, as often as they are written. */
function keysIn(text: string): number {
  return [...text.replace(/"(?:[^"\\]|\\.)*"/g, '').matchAll(/:/g)].length;
}

function keysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, part) => sum + keysOf(part), own);
}

test.run();
