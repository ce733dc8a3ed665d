import { show } from './check_options.js';
import { Gpt2Error } from './errors.js';

/** Most token ids in a list, far more than any model's context. */
const MOST_IDS = 2 ** 24;

/** The length of a list of ids from a caller. Throws `invalid-option` if it is not a list, or too long. */
export function listLength(ids: unknown, name: string, right: string): number {
  const list = (typeof ids === 'object' ? ids : undefined) as ArrayLike<unknown> | null | undefined;
  const length = list?.length;
  if (!Number.isInteger(length) || length! < 0) {
    throw new Gpt2Error('invalid-option', `${name} is ${show(ids, true)}; it must be ${right}`);
  }
  if (length! > MOST_IDS) {
    throw new Gpt2Error('invalid-option', `${name} has ${length} token ids; at most ${MOST_IDS} are taken`);
  }
  return length!;
}

/**
 * A checked copy of a list of token ids, each from 0 to one less than `end`. The length is checked first and
 * each id before the next one is copied, so that untrusted JSON such as `{ "length": 1e9 }` costs nothing.
 *
 * Throws `invalid-option`; its message calls the list `name`, and valid values `right`.
 */
export function idList(ids: unknown, name: string, right: string, end = Infinity): number[] {
  const length = listLength(ids, name, right);
  const list = ids as ArrayLike<unknown>;
  const checked: number[] = [];
  for (let i = 0; i < length; i++) {
    const id = list[i] as number;
    if (!(Number.isInteger(id) && id >= 0 && id < end)) {
      const ids =
        end === Infinity ? 'token ids are whole numbers' : `the model's token ids are 0 to ${end - 1}`;
      throw new Gpt2Error('invalid-option', `token ${i} of ${name} is ${show(id, true)}; ${ids}`);
    }
    checked.push(id);
  }
  return checked;
}
