import type { Range } from './magnitudes.js';
import { EXPONENTS, MOST_FRACTION_DIGITS, MOST_WHOLE_DIGITS } from './number_grammar.js';

/** A number as far as it was written. */
export interface Written {
  readonly whole: string;
  /** undefined before the point. */
  readonly fraction: string | undefined;
  /** undefined before the e. */
  readonly exponent: string | undefined;
}

const POWERS: readonly bigint[] = Array.from(
  { length: MOST_WHOLE_DIGITS + MOST_FRACTION_DIGITS + 1 },
  (_, power) => 10n ** BigInt(power),
);

/** The numbers with the digits of `text` and `added` more, times 10^exponent. */
export function range(text: string, added: number, exponent: number): Range {
  const power = POWERS[added]!;
  const low = BigInt(text) * power;
  return { low, high: low + power - 1n, exponent };
}

/** The exponents that JSON.stringify writes, by the beginnings of their texts. */
const exponents = new Map<string, number[]>();
for (const sign of ['+', '-'] as const) {
  const [first, last] = EXPONENTS[sign];
  for (let power = first; power <= last; power++) {
    const text = `${sign}${power}`;
    for (let length = 0; length <= text.length; length++) {
      const start = text.slice(0, length);
      const list = exponents.get(start) ?? [];
      list.push(Number(text));
      exponents.set(start, list);
    }
  }
}

export function exponentsFrom(text: string): readonly number[] {
  return exponents.get(text) ?? [];
}

/** undefined if no number begins so. */
export function writtenOf(text: string): Written | undefined {
  const found = /^-?(0|[1-9]\d*)(?:\.(\d*))?(?:e([+-]?\d*))?$/.exec(text);
  if (found === null || (found[2] === '' && found[3] !== undefined)) return undefined;
  return { whole: found[1]!, fraction: found[2], exponent: found[3] };
}
