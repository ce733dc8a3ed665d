import { checkArray } from '../../base/check_lists.js';
import { checkNumber, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject } from '../../files/json_object.js';
import type { Work } from '../../model/remote_models.js';

/** Options of measures of bias. */
export interface BiasOptions extends Work {
  /** Seed of the bootstrap's intervals: an integer from 0 to 2^53 - 1, 0 by default. */
  readonly seed?: number | undefined;
}

const NAMES = ['signal', 'onProgress', 'seed'];

/** Throws `invalid-option` for other options, and for a list that is empty or has items other than objects. */
export function checkMeasure(call: string, what: string, items: unknown, options: BiasOptions): void {
  checkOptionNames(call, options, NAMES);
  if (options.seed !== undefined) checkNumber('seed', options.seed, whole(0));
  checkItems(what, items);
}

/** Throws `invalid-option` for anything but an array of one or more objects. */
export function checkItems(what: string, items: unknown): void {
  checkArray(what, items, 'an array of objects, as its reader gives');
  // An item may be a text, which no message repeats.
  const wrong = items.findIndex((item) => !isJsonObject(item));
  if (wrong >= 0)
    throw new Gpt2Error('invalid-option', `${what}[${wrong}] must be an object, as its reader gives`);
  if (items.length === 0) throw invalidOption(what, items, 'an array with one or more objects');
}
