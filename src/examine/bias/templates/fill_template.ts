import { checkArray } from '../../../base/check_lists.js';
import { invalidOption, quotedList } from '../../../base/check_options.js';
import { Gpt2Error } from '../../../base/errors.js';
import { isJsonObject } from '../../../files/json_object.js';

const PLACE = /\{([\p{L}\p{N}_-]+)\}/gu;
const MOST_TEXTS = 10_000;

/** The values of the places of a template. */
export type Fills = Readonly<Record<string, readonly string[]>>;

/** A template with a value in each place. */
export interface FilledTemplate {
  /** The value of each place. */
  readonly fill: Readonly<Record<string, string>>;
  /** The template with these values. */
  readonly text: string;
}

/**
 * All texts of a template, such as "The {job} said that {pronoun}"; the values of the last place change fastest. Throws
 * `invalid-option` for a template without places, places without values or values without a place, and for more than
 * 10,000 texts.
 */
export function fillTemplate(template: string, fills: Fills): FilledTemplate[] {
  if (typeof template !== 'string')
    throw invalidOption('template', template, 'a text with places such as {job}');
  const places = [...new Set(Array.from(template.matchAll(PLACE), ([, name]) => name!))];
  if (places.length === 0) throw invalidOption('template', template, 'a text with places such as {job}');
  checkFills(places, fills);
  let filled: Readonly<Record<string, string>>[] = [{}];
  for (const place of places) {
    filled = filled.flatMap((fill) => fills[place]!.map((value) => ({ ...fill, [place]: value })));
  }
  return filled.map((fill) => ({ fill, text: template.replaceAll(PLACE, (_, name: string) => fill[name]!) }));
}

function checkFills(places: readonly string[], fills: unknown): asserts fills is Fills {
  if (!isJsonObject(fills))
    throw invalidOption('fills', fills, 'an object with a list of values for each place');
  const unknown = Object.keys(fills).find((name) => !places.includes(name));
  if (unknown !== undefined) {
    throw new Gpt2Error(
      'invalid-option',
      `fills has values for ${unknown}; the places of the template are ${quotedList(places)}`,
    );
  }
  let texts = 1;
  for (const place of places) {
    const values = Object.hasOwn(fills, place) ? fills[place] : undefined;
    const right = 'an array of one or more different texts';
    checkArray(`fills.${place}`, values, right, (value) => typeof value === 'string');
    if (values.length === 0 || new Set(values).size < values.length) {
      throw invalidOption(`fills.${place}`, values, right);
    }
    texts *= values.length;
  }
  if (texts > MOST_TEXTS) {
    throw new Gpt2Error(
      'invalid-option',
      `the fills give ${texts} texts; ${MOST_TEXTS} or fewer can be compared`,
    );
  }
}
