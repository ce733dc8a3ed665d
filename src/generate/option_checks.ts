import type { ModelConfig } from '../architecture/gpt2/config.js';
import { invalidOption } from '../base/check_options.js';

/** Returns the checked value of an option. Throws `invalid-option`, which says what values are valid. */
export type Check<T> = (name: string, value: unknown, config: ModelConfig) => T;

/** A number from `min` to `max`; `above` excludes `min` itself. */
export function number(min: number, max: number, above = false): Check<number> {
  return (name, value) => {
    if (typeof value === 'number' && value <= max && (above ? value > min : value >= min)) return value;
    throw invalidOption(
      name,
      value,
      above ? `a number above ${min}, at most ${max}` : `a number from ${min} to ${max}`,
    );
  };
}

export function integer(min: number, max = Number.MAX_SAFE_INTEGER): Check<number> {
  return (name, value) => {
    if (Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max)
      return value as number;
    const right =
      max === Number.MAX_SAFE_INTEGER ? `${min} or more, up to 2^53 - 1` : `from ${min} to ${max}`;
    throw invalidOption(name, value, `an integer ${right}`);
  };
}

/** How many completions or beams a generation may have. */
export const completions = integer(1, 128);

export function oneOf<T extends string>(...values: readonly T[]): Check<T> {
  return (name, value) => {
    if (values.includes(value as T)) return value as T;
    throw invalidOption(name, value, values.map((each) => JSON.stringify(each)).join(' or '));
  };
}

export const boolean: Check<boolean> = (name, value) => {
  if (typeof value === 'boolean') return value;
  throw invalidOption(name, value, 'true or false');
};

export const nonEmpty: Check<string> = (name, value) => {
  if (typeof value === 'string' && value !== '') return value;
  throw invalidOption(name, value, 'a string that is not empty');
};

/** A copy of an array whose items all pass. */
export function list<T>(right: string, check: Check<T>): Check<T[]> {
  return (name, value, config) => {
    if (!Array.isArray(value)) throw invalidOption(name, value, right);
    // Array.from also visits the holes of an array, which `map` would skip.
    return Array.from(value, (item, index) => check(`${name}[${index}]`, item, config));
  };
}
