import type { Expression } from '../../expressions/expression.js';
import type { Expressions } from '../../expressions/expressions.js';
import { compileRegex } from '../../regex/compile_regex.js';

const BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = `${BYTE}(?:\\.${BYTE}){3}`;
const GROUP = '[0-9A-Fa-f]{1,4}';
const LAST = `(?:${GROUP}:${GROUP}|${IPV4})`;
/** RFC 4291, in the cases of RFC 3986. */
export const IPV6 = `(?:${[
  `(?:${GROUP}:){6}${LAST}`,
  `::(?:${GROUP}:){5}${LAST}`,
  ...[4, 3, 2, 1].map((after, i) => `(?:(?:${GROUP}:){0,${i}}${GROUP})?::(?:${GROUP}:){${after}}${LAST}`),
  `(?:(?:${GROUP}:){0,4}${GROUP})?::${LAST}`,
  `(?:(?:${GROUP}:){0,5}${GROUP})?::${GROUP}`,
  `(?:(?:${GROUP}:){0,6}${GROUP})?::`,
].join('|')})`;

/** Letters, digits and hyphens; no hyphen at the ends, and none at both places where encoded names have them. */
const LABEL = '(?!..--)[0-9A-Za-z](?:[0-9A-Za-z\\-]{0,61}[0-9A-Za-z])?';
const HOSTNAME = `${LABEL}(?:\\.${LABEL})*`;
const LONGEST_HOSTNAME = 253;
const ATOM = "[0-9A-Za-z!#$%&'*+\\-/=?^_`{|}~]+";
const QUOTED = '"(?:[ !#-\\[\\]-~]|\\\\[ -~])*"';
const LONGEST_LOCAL_PART = 64;

/** RFC 2673, section 3.2. */
export function ipv4(make: Expressions): Expression {
  return compileRegex(make, IPV4);
}

export function ipv6(make: Expressions): Expression {
  return compileRegex(make, IPV6);
}

/** RFC 1123, section 2.1, without internationalized names, whose labels begin with `xn--`. */
export function hostname(make: Expressions): Expression {
  return shorter(make, compileRegex(make, HOSTNAME), LONGEST_HOSTNAME);
}

/** RFC 5321, section 4.1.2, Mailbox. */
export function email(make: Expressions): Expression {
  const local = compileRegex(make, `(?:${ATOM}(?:\\.${ATOM})*|${QUOTED})`);
  const literal = compileRegex(make, `\\[(?:${IPV4}|IPv6:${IPV6})\\]`);
  return make.sequence(
    shorter(make, local, LONGEST_LOCAL_PART),
    make.literal('@'),
    make.choice([hostname(make), literal]),
  );
}

/** The texts of a language, all of ASCII, up to a length. */
function shorter(make: Expressions, language: Expression, longest: number): Expression {
  return make.both([language, make.repeat(make.oneOf([0, 0x7f]), 0, longest)]).pruned();
}
