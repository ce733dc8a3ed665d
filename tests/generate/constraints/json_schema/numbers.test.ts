import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../../src/base/errors.js';
import { Expressions } from '../../../../src/generate/constraints/expressions/expressions.js';
import { compileJsonSchema } from '../../../../src/generate/constraints/json_schema/compile_json_schema.js';
import { holds } from '../../../support/property.js';
import { accepts } from '../accepts.js';
import { randomWalk } from './random_walk.js';

/** All numbers here are integers times 10^-UNIT. */
const UNIT = 400;

/** The integer that a text of JSON means. */
function exact(text: string): bigint {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text)!;
  const power = UNIT + Number(exponent) - fraction.length;
  const digits = BigInt(`${whole}${fraction}`);
  const size = power >= 0 ? digits * 10n ** BigInt(power) : digits / 10n ** BigInt(-power);
  return sign === '-' ? -size : size;
}

interface Bounds {
  readonly minimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly not?: { readonly multipleOf: number };
}

function isValid({ minimum, exclusiveMaximum, multipleOf, not }: Bounds, number: bigint): boolean {
  if (minimum !== undefined && number < exact(String(minimum))) return false;
  if (exclusiveMaximum !== undefined && number >= exact(String(exclusiveMaximum))) return false;
  if (multipleOf !== undefined && number % exact(String(multipleOf)) !== 0n) return false;
  return not === undefined || number % exact(String(not.multipleOf)) !== 0n;
}

const bounds = fc.oneof(
  fc.integer({ min: -200, max: 200 }),
  fc.integer({ min: -10_000, max: 10_000 }).map((number) => number / 100),
  fc.constantFrom(1e21, 1.5e22, -1e21, 1e-7, 2.5e-9, 1e300, -3e-300, 123456789012),
);
const multiples = fc.constantFrom(
  1,
  2,
  7,
  10,
  0.5,
  0.01,
  1.5,
  1e-8,
  0.3,
  123456789,
  0.123456789,
  1e21,
  3e-10,
);
const schemas: fc.Arbitrary<Bounds> = fc.record(
  {
    minimum: bounds,
    exclusiveMaximum: bounds,
    multipleOf: multiples,
    not: fc.record({ multipleOf: multiples }),
  },
  { requiredKeys: [] },
);
const plain = fc
  .tuple(fc.integer({ min: -3000, max: 3000 }), fc.integer({ min: 0, max: 3 }))
  .map(([digits, places]) => JSON.stringify(digits / 10 ** places));
const numbers = fc.oneof(
  { weight: 3, arbitrary: plain },
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
  bounds.map((number) => JSON.stringify(number)),
  fc
    .tuple(multiples, fc.integer({ min: -50, max: 50 }))
    .map(([number, times]) => JSON.stringify(number * times)),
);

test('numbers are compared and divided as decimals', () =>
  holds(
    'numbers',
    fc.tuple(schemas, fc.array(numbers, { minLength: 30, maxLength: 30 }), fc.integer()),
    async ([schema, texts, seed]) => {
      let expression: ReturnType<typeof compileJsonSchema>;
      try {
        expression = compileJsonSchema(new Expressions(), { jsonSchema: { type: 'number', ...schema } });
      } catch (error) {
        assert.instance(error, Gpt2Error);
        assert.match((error as Gpt2Error).message, 'no JSON matches');
        for (const text of texts) assert.not(isValid(schema, exact(text)), text);
        return;
      }
      for (const text of texts) assert.is(accepts(expression, text), isValid(schema, exact(text)), text);
      for (let i = 0; i < 3; i++) {
        const text = randomWalk(expression, seed + i)!;
        assert.ok(isValid(schema, exact(text)), text);
      }
    },
    300,
  ));

test.run();
