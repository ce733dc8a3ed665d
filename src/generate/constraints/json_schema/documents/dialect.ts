import { refused } from '../refuse.js';
import { isObject, type Json } from './json.js';

/** How keywords are read. `mixed`: draft 2020-12 that understands older keywords, for schemas without `$schema`. */
export type Dialect = 'draft7' | 'draft2020' | 'mixed';

/** By the URI of the meta-schema, without http: or https:. Draft 6 has no keyword that draft 7 reads differently. */
const DIALECTS: ReadonlyMap<string, Dialect> = new Map([
  ['//json-schema.org/draft-06/schema', 'draft7'],
  ['//json-schema.org/draft-07/schema', 'draft7'],
  ['//json-schema.org/draft/2020-12/schema', 'draft2020'],
]);

/** The dialect that `$schema` names; `inherited` without one. */
export function dialectOf(schema: Json, inherited: Dialect, pointer: string): Dialect {
  if (!isObject(schema) || schema.$schema === undefined) return inherited;
  const name = typeof schema.$schema === 'string' ? schema.$schema : '';
  const dialect = DIALECTS.get(name.replace(/^https?:/, '').replace(/#$/, ''));
  if (dialect === undefined) {
    throw refused(
      `${pointer}/$schema`,
      `${JSON.stringify(schema.$schema)} is no dialect that is supported; use "https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#", or no $schema`,
    );
  }
  return dialect;
}

/**
 * The dialect of a schema without `$schema`: draft 7 if it keeps its schemas in `definitions` and has no keyword that
 * came later, because there `$ref` stands alone; else all keywords are understood.
 */
export function guessedDialect(schema: Json): Dialect {
  return isObject(schema) && schema.definitions !== undefined && !hasNewKeyword(schema) ? 'draft7' : 'mixed';
}

function hasNewKeyword(schema: Json): boolean {
  if (!isObject(schema)) return false;
  if (Object.keys(schema).some((keyword) => SINCE_2019.has(keyword))) return true;
  return [...childPaths(schema, 'mixed')].some((path) =>
    hasNewKeyword(
      path.reduce<Json>((value, name) => (value as Readonly<Record<string, Json>>)[name]!, schema),
    ),
  );
}

/** What the values of keywords contain: a schema, a list of schemas, or schemas by name. */
type Position = 'schema' | 'list' | 'map' | 'schema or list' | 'map of schemas or names';

const KEYWORDS: Readonly<Record<Position, readonly string[]>> = {
  schema: [
    'additionalItems',
    'additionalProperties',
    'contains',
    'contentSchema',
    'else',
    'if',
    'not',
    'propertyNames',
    'then',
    'unevaluatedItems',
    'unevaluatedProperties',
  ],
  list: ['allOf', 'anyOf', 'oneOf', 'prefixItems'],
  map: ['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties'],
  'schema or list': ['items'],
  'map of schemas or names': ['dependencies'],
};
const POSITIONS: ReadonlyMap<string, Position> = new Map(
  Object.entries(KEYWORDS).flatMap(([position, keywords]) =>
    keywords.map((keyword) => [keyword, position as Position] as const),
  ),
);
/** Keywords that draft 7 does not know. */
export const SINCE_2019: ReadonlySet<string> = new Set([
  '$anchor',
  '$dynamicAnchor',
  '$dynamicRef',
  '$defs',
  'contentSchema',
  'dependentRequired',
  'dependentSchemas',
  'maxContains',
  'minContains',
  'prefixItems',
  'unevaluatedItems',
  'unevaluatedProperties',
]);

/** Whether draft 7 looks at `$ref` alone, whatever is beside it. */
export function hasLoneRef(schema: Json, dialect: Dialect): boolean {
  return dialect === 'draft7' && isObject(schema) && typeof schema.$ref === 'string';
}

/** The paths from a schema to the schemas directly in it. */
export function* childPaths(schema: Json, dialect: Dialect): Generator<string[]> {
  if (!isObject(schema)) return;
  const isLone = hasLoneRef(schema, dialect);
  for (const [keyword, value] of Object.entries(schema)) {
    const position = POSITIONS.get(keyword);
    if (position === undefined || value === undefined) continue;
    if (dialect === 'draft7' && SINCE_2019.has(keyword) && keyword !== '$defs') continue;
    if (isLone && keyword !== 'definitions' && keyword !== '$defs') continue;
    if (position === 'schema') yield [keyword];
    else if (Array.isArray(value)) {
      if (position === 'list' || position === 'schema or list') {
        for (const index of value.keys()) yield [keyword, String(index)];
      }
    } else if (position === 'schema or list') yield [keyword];
    else if (isObject(value)) {
      for (const [name, child] of Object.entries(value)) {
        if (position === 'map' || !Array.isArray(child)) yield [keyword, name];
      }
    }
  }
}
