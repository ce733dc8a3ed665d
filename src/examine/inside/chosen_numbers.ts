import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { listLength } from '../../base/id_list.js';

/** Chosen numbers from 0 to `end` - 1, such as layers, in ascending order; all by default. Throws `invalid-option`. */
export function chosenNumbers(name: string, given: ArrayLike<number> | undefined, end: number): number[] {
  if (given === undefined) return Array.from({ length: end }, (_, i) => i);
  const right = `a list of whole numbers from 0 to ${end - 1}`;
  const length = listLength(given, name, right);
  if (length === 0 || length > end) throw invalidOption(name, given, right);
  const chosen = new Set<number>();
  for (let i = 0; i < length; i++) {
    const number = given[i]!;
    if (!(Number.isInteger(number) && number >= 0 && number < end)) {
      throw invalidOption(`${name}[${i}]`, number, `a whole number from 0 to ${end - 1}`);
    }
    if (chosen.has(number)) {
      throw new Gpt2Error('invalid-option', `${name}[${i}] is ${number}, which is in the list before`);
    }
    chosen.add(number);
  }
  return [...chosen].sort((a, b) => a - b);
}
