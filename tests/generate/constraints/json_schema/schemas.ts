import fc from 'fast-check';

type Schema = boolean | Record<string, unknown>;

const names = fc.constantFrom('a', 'b', 'c', 'ab');
const patterns = fc.constantFrom('^a', 'b', 'c$', '^(a|c)$');
const scalars = fc.oneof(
  fc.constantFrom(null, true, false, '', 'a', 'b', 'ab', 'ba', 'äöü'),
  fc.integer({ min: -3, max: 9 }),
  fc.integer({ min: -6, max: 12 }).map((number) => number / 2),
);

/** Values of the kind that the schemas are about. */
export const instances: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3, withCrossShrink: true }, scalars, tie('array'), tie('object')),
  array: fc.array(tie('value'), { maxLength: 4 }),
  object: fc.dictionary(names, tie('value'), { maxKeys: 4, noNullPrototype: true }),
})).value;

const counts = fc.integer({ min: 0, max: 3 });
const numbers = fc.integer({ min: -4, max: 16 }).map((number) => number / 2);
const types = fc.constantFrom('null', 'boolean', 'object', 'array', 'number', 'integer', 'string');

function some(keywords: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(keywords, { requiredKeys: [], noNullPrototype: true });
}

/** One or two of the keywords, so that most schemas are valid for some values. */
function few(keywords: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .subarray(Object.keys(keywords), { minLength: 1, maxLength: 2 })
    .chain((chosen) =>
      fc.record(Object.fromEntries(chosen.map((name) => [name, keywords[name]!])), { noNullPrototype: true }),
    );
}

const leaf = few({
  type: fc.oneof(types, fc.uniqueArray(types, { minLength: 1, maxLength: 3 })),
  const: fc.oneof(scalars, instances),
  enum: fc.array(fc.oneof(scalars, instances), { minLength: 1, maxLength: 4 }),
  minimum: numbers,
  maximum: numbers,
  exclusiveMinimum: numbers,
  exclusiveMaximum: numbers,
  multipleOf: fc.constantFrom(1, 2, 3, 0.5, 1.5, 0.25),
  minLength: counts,
  maxLength: counts,
  pattern: patterns,
});

/** Schemas of draft 2020-12 from all keywords but those of references and formats. */
export const schemas: fc.Arbitrary<Schema> = fc.letrec<{ schema: Schema; combined: Schema; parts: Schema }>(
  (tie) => {
    const schema = tie('schema');
    const list = fc.array(schema, { minLength: 1, maxLength: 3 });
    const map = (keys: fc.Arbitrary<string>) =>
      fc.dictionary(keys, schema, { minKeys: 1, maxKeys: 3, noNullPrototype: true });
    return {
      schema: fc.oneof(
        { maxDepth: 2, withCrossShrink: true },
        { weight: 1, arbitrary: fc.boolean() },
        { weight: 4, arbitrary: leaf },
        { weight: 6, arbitrary: tie('parts') },
        { weight: 5, arbitrary: tie('combined') },
      ),
      parts: few({
        type: fc.oneof(types, fc.uniqueArray(types, { minLength: 1, maxLength: 3 })),
        properties: map(names),
        patternProperties: map(patterns),
        additionalProperties: schema,
        propertyNames: schema,
        required: fc.uniqueArray(names, { maxLength: 2 }),
        minProperties: counts,
        maxProperties: counts,
        dependentRequired: fc.dictionary(names, fc.uniqueArray(names, { maxLength: 2 }), {
          maxKeys: 2,
          noNullPrototype: true,
        }),
        dependentSchemas: map(names),
        prefixItems: list,
        items: schema,
        contains: schema,
        minItems: counts,
        maxItems: counts,
        uniqueItems: fc.boolean(),
      }).chain((parts) =>
        // Keywords that mean little alone.
        some({
          ...(parts.contains !== undefined && { minContains: counts, maxContains: counts }),
          ...(parts.properties !== undefined && {
            unevaluatedProperties: schema,
            additionalProperties: schema,
          }),
          ...(parts.prefixItems !== undefined && { unevaluatedItems: schema, items: schema }),
        }).map((more) => ({ ...parts, ...more })),
      ),
      combined: few({
        allOf: list,
        anyOf: list,
        oneOf: list,
        not: schema,
        if: schema,
        properties: map(names),
        prefixItems: list,
      }).chain((combined) =>
        some({
          ...(combined.if !== undefined &&
            Object.fromEntries(['then', 'else'].map((name) => [name, schema]))),
          unevaluatedProperties: schema,
          unevaluatedItems: schema,
          type: types,
        }).map((more) => ({ ...combined, ...more })),
      ),
    };
  },
).schema;
