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

/** A reference to one of the schemas beside it. */
const references = fc.constantFrom('x', 'y').map((name) => ({ $ref: `#/$defs/${name}` }));

/** Schemas of draft 2020-12 from all keywords but those of references and formats; with `references` if they are asked for. */
const schemasWith = (others: fc.Arbitrary<Schema>[]): fc.Arbitrary<Schema> =>
  fc.letrec<{ schema: Schema; combined: Schema; parts: Schema }>((tie) => {
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
        ...others.map((arbitrary) => ({ weight: 3, arbitrary })),
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
  }).schema;

export const schemas = schemasWith([]);

/** Schemas that refer to others beside them, and these to each other. */
export const recursiveSchemas = fc
  .tuple(schemasWith([references]), schemasWith([references]), schemasWith([references]))
  .map(([root, x, y]) => ({ allOf: [root], $defs: { x, y } }));

/** The same schema with the schemas themselves in the place of references, so that it may contain itself. */
export function linked(schema: {
  readonly allOf: readonly Schema[];
  readonly $defs: Record<string, Schema>;
}): Schema {
  const definitions: Record<string, unknown> = {};
  const link = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(link);
    if (typeof part !== 'object' || part === null) return part;
    const target = (part as { $ref?: unknown }).$ref;
    if (typeof target === 'string') return definitions[target.slice('#/$defs/'.length)];
    return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, link(value)]));
  };
  // A reference to a definition finds an object that is filled afterwards.
  for (const name of Object.keys(schema.$defs)) definitions[name] = {};
  for (const [name, definition] of Object.entries(schema.$defs)) {
    Object.assign(definitions[name] as object, { allOf: [link(definition)] });
  }
  return { allOf: schema.allOf.map(link) as unknown[] };
}
