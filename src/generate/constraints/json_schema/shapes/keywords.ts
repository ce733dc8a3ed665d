import { nameOf, type SchemaNode } from '../documents/documents.js';
import { isObject, type Json } from '../documents/json.js';
import { refused } from '../refuse.js';

const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'] as const;
export type TypeName = (typeof TYPES)[number];

/** The value of a keyword that the schema has. */
export function keywordValue(node: SchemaNode, keyword: string): Json {
  return (node.value as Readonly<Record<string, Json>>)[keyword]!;
}

export function has(node: SchemaNode, keyword: string): boolean {
  return isObject(node.value) && Object.hasOwn(node.value, keyword) && node.value[keyword] !== undefined;
}

/** The error for the value of a keyword. */
export function badValue(node: SchemaNode, keyword: string, right: string): Error {
  return refused(
    `${nameOf(node)}/${keyword}`,
    `is ${shortened(keywordValue(node, keyword))}; it must be ${right}`,
  );
}

function shortened(value: Json): string {
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

/** The types of the keyword `type`. */
export function typesOf(node: SchemaNode): ReadonlySet<TypeName> {
  const value = keywordValue(node, 'type');
  const names = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(names) || !names.every((name) => TYPES.includes(name as TypeName))) {
    throw badValue(node, 'type', `one or several of ${TYPES.join(', ')}`);
  }
  return new Set(names as TypeName[]);
}

/** The values that `enum` or `const` allows. */
export function allowedValues(node: SchemaNode, keyword: string): readonly Json[] {
  const value = keywordValue(node, keyword);
  if (keyword === 'const') return [value];
  if (!Array.isArray(value)) throw badValue(node, keyword, 'a list of values');
  return value;
}

/** A count: an integer that is not negative. */
export function countOf(node: SchemaNode, keyword: string): number {
  const value = keywordValue(node, keyword);
  if (typeof value !== 'number' || value < 0 || !Number.isInteger(value)) {
    throw badValue(node, keyword, 'an integer that is not negative');
  }
  return value;
}

export function numberOf(node: SchemaNode, keyword: string): number {
  const value = keywordValue(node, keyword);
  if (typeof value !== 'number') throw badValue(node, keyword, 'a number');
  return value;
}

export function namesOf(
  node: SchemaNode,
  keyword: string,
  value: Json = keywordValue(node, keyword),
): string[] {
  if (!Array.isArray(value) || !value.every((name) => typeof name === 'string')) {
    throw badValue(node, keyword, 'a list of names');
  }
  return [...new Set(value as string[])];
}

export function mapOf(node: SchemaNode, keyword: string): Readonly<Record<string, Json>> {
  const value = keywordValue(node, keyword);
  if (!isObject(value)) throw badValue(node, keyword, 'an object');
  return value;
}
