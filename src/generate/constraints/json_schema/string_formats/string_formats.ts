import type { Expression } from '../../expressions/expression.js';
import type { Expressions } from '../../expressions/expressions.js';

/** The texts of a format, without quotes; undefined for a format that is not known, which is an annotation. */
export function stringFormat(_make: Expressions, name: string): Expression | 'unsupported' | undefined {
  return NAMES.has(name) ? 'unsupported' : undefined;
}

const NAMES: ReadonlySet<string> = new Set([
  'date',
  'date-time',
  'duration',
  'email',
  'hostname',
  'idn-email',
  'idn-hostname',
  'ipv4',
  'ipv6',
  'iri',
  'iri-reference',
  'json-pointer',
  'regex',
  'relative-json-pointer',
  'time',
  'uri',
  'uri-reference',
  'uri-template',
  'uuid',
]);
