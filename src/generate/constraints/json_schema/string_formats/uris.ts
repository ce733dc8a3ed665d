import type { Expression } from '../../expressions/expression.js';
import type { Expressions } from '../../expressions/expressions.js';
import { compileRegex } from '../../regex/compile_regex.js';
import { IPV6 } from './addresses.js';

const ENCODED = '%[0-9A-Fa-f]{2}';
const DELIMITERS = "!$&'()*+,;=";
const UNRESERVED = '0-9A-Za-z\\-._~';
/** RFC 3987, ucschar. */
const BEYOND_ASCII = [
  '\\u{a0}-\\u{d7ff}\\u{f900}-\\u{fdcf}\\u{fdf0}-\\u{ffef}',
  ...Array.from({ length: 13 }, (_, i) => planeRange(i + 1, '0000')),
  planeRange(14, '1000'),
].join('');
/** RFC 3987, iprivate. */
const PRIVATE = `\\u{e000}-\\u{f8ff}${planeRange(15, '0000')}${planeRange(16, '0000')}`;

function planeRange(plane: number, first: string): string {
  return `\\u{${plane.toString(16)}${first}}-\\u{${plane.toString(16)}fffd}`;
}

/** The parts of RFC 3986; those of RFC 3987 with more characters. `more` and `inQuery`: additional ranges. */
function grammar(more: string, inQuery: string): { readonly uri: string; readonly relative: string } {
  const character = (others: string) => `(?:[${UNRESERVED}${more}${DELIMITERS}${others}]|${ENCODED})`;
  const segment = `${character(':@')}*`;
  const segments = `(?:/${segment})*`;
  const literal = `\\[(?:${IPV6}|[Vv][0-9A-Fa-f]+\\.[${UNRESERVED}${DELIMITERS}:]+)\\]`;
  const authority = `(?:${character(':')}*@)?(?:${literal}|${character('')}*)(?::\\d*)?`;
  const absolute = `//${authority}${segments}|/(?:${character(':@')}+${segments})?`;
  const end = `(?:\\?${character(`:@/?${inQuery}`)}*)?(?:#${character(':@/?')}*)?`;
  return {
    uri: `[A-Za-z][0-9A-Za-z+\\-.]*:(?:${absolute}|(?:${character(':@')}+${segments})?)${end}`,
    relative: `(?:${absolute}|(?:${character('@')}+${segments})?)${end}`,
  };
}

/** RFC 3986. */
export function uri(make: Expressions): Expression {
  return compileRegex(make, grammar('', '').uri);
}

export function uriReference(make: Expressions): Expression {
  const { uri, relative } = grammar('', '');
  return make.choice([compileRegex(make, uri), compileRegex(make, relative)]);
}

/** RFC 3987. */
export function iri(make: Expressions): Expression {
  return compileRegex(make, grammar(BEYOND_ASCII, PRIVATE).uri);
}

export function iriReference(make: Expressions): Expression {
  const { uri, relative } = grammar(BEYOND_ASCII, PRIVATE);
  return make.choice([compileRegex(make, uri), compileRegex(make, relative)]);
}

/** RFC 6570. */
export function uriTemplate(make: Expressions): Expression {
  const literal = `(?:[!#$&-;=?-\\[\\]_a-z~${BEYOND_ASCII}${PRIVATE}]|${ENCODED})`;
  const character = `(?:[0-9A-Za-z_]|${ENCODED})`;
  const variable = `${character}(?:\\.?${character})*(?::[1-9]\\d{0,3}|\\*)?`;
  const expression = `\\{[+#./;?&=,!@|]?${variable}(?:,${variable})*\\}`;
  return compileRegex(make, `(?:${literal}|${expression})*`);
}
