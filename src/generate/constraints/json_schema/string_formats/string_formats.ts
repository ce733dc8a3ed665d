import type { Expression } from '../../expressions/expression.js';
import type { Expressions } from '../../expressions/expressions.js';
import { compileRegex } from '../../regex/compile_regex.js';
import { email, hostname, ipv4, ipv6 } from './addresses.js';
import { date, dateTime, duration, time } from './dates.js';
import { iri, iriReference, uri, uriReference, uriTemplate } from './uris.js';

/** RFC 6901. */
const JSON_POINTER = '(?:/(?:[^~/]|~[01])*)*';
const HEX = '[0-9A-Fa-f]';

const FORMATS: ReadonlyMap<string, (make: Expressions) => Expression> = new Map([
  ['date', date],
  ['date-time', dateTime],
  ['duration', duration],
  ['email', email],
  ['hostname', hostname],
  ['ipv4', ipv4],
  ['ipv6', ipv6],
  ['iri', iri],
  ['iri-reference', iriReference],
  ['json-pointer', (make) => compileRegex(make, JSON_POINTER)],
  [
    'relative-json-pointer',
    (make) => compileRegex(make, `(?:0|[1-9]\\d*)(?:[+\\-][1-9]\\d*)?(?:#|${JSON_POINTER})`),
  ],
  ['time', time],
  ['uri', uri],
  ['uri-reference', uriReference],
  ['uri-template', uriTemplate],
  // RFC 9562.
  ['uuid', (make) => compileRegex(make, `${HEX}{8}-(?:${HEX}{4}-){3}${HEX}{12}`)],
]);

/** Formats of the standard that no automaton can check, or only with tables of Unicode. */
const UNSUPPORTED: ReadonlySet<string> = new Set(['idn-email', 'idn-hostname', 'regex']);

/** The texts of a format, without quotes; undefined for a format that is not known, which is an annotation. */
export function stringFormat(make: Expressions, name: string): Expression | 'unsupported' | undefined {
  return UNSUPPORTED.has(name) ? 'unsupported' : FORMATS.get(name)?.(make);
}
