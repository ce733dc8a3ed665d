import { invalidOption } from './check_options.js';

/** Throws `invalid-option` for anything that is not iterable, and also for strings and typed arrays. */
export function checkIterable(name: string, value: unknown, right: string): void {
  const isObject = typeof value === 'object' && value !== null;
  const isIterable = isObject && (Symbol.asyncIterator in value || Symbol.iterator in value);
  if (isIterable && !ArrayBuffer.isView(value)) return;
  throw invalidOption(name, value, right);
}

/** Throws `invalid-option` for anything but an array without holes whose items all pass. */
export function checkArray(
  name: string,
  value: unknown,
  right: string,
  passes: (item: unknown) => boolean = () => true,
): asserts value is unknown[] {
  if (!Array.isArray(value)) throw invalidOption(name, value, right);
  for (let i = 0; i < value.length; i++) {
    if (!(i in value) || !passes(value[i]))
      throw invalidOption(`${name}[${i}]`, value[i], `an item of ${right}`);
  }
}
