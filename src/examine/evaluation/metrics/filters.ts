import { show } from '../../../base/check_options.js';
import { Gpt2Error } from '../../../base/errors.js';
import { isJsonObject } from '../../../files/json_object.js';
import type { FilterConfig, FilterStep } from '../config/task_config.js';
import { strip } from '../python_space.js';
import { expression } from './expression.js';

/** Changes the texts that one document got; there is at least one. */
type Filter = (texts: readonly string[], step: FilterStep) => readonly string[];

/** What `regex` gives if nothing matches. */
const NOTHING = '[invalid]';

const FILTERS: Readonly<Record<string, Filter>> = {
  take_first: (texts) => texts.slice(0, 1),
  take_first_k: (texts, { k }) => texts.slice(0, Number(k)),
  majority_vote: (texts) => [mostFrequent(texts)],
  lowercase: (texts) => texts.map((text) => text.toLowerCase()),
  uppercase: (texts) => texts.map((text) => text.toUpperCase()),
  remove_whitespace: (texts) => texts.map(strip),
  regex: (texts, step) => texts.map((text) => matched(text, step)),
  map: (texts, { mapping_dict: table = {}, default_value: other = '' }) =>
    texts.map((text) => {
      const names = table as Readonly<Record<string, unknown>>;
      return String(Object.hasOwn(names, text) ? names[text] : other);
    }),
};

/** The filters of a task that has none. */
export const TAKE_FIRST: FilterConfig = { name: 'none', filter: [{ function: 'take_first' }] };

/** Checks of the options that steps have, and in words what each must be. */
const OPTIONS: Readonly<Record<string, readonly [(value: unknown) => boolean, string]>> = {
  k: [(value) => Number.isInteger(value) && (value as number) >= 1, 'a number from 1 on'],
  group_select: [Number.isInteger, 'the number of a match, such as 0 or -1'],
  regex_pattern: [(value) => typeof value === 'string', 'an expression'],
  mapping_dict: [isJsonObject, 'an object of texts'],
};

/** Throws `invalid-file` for a filter that is unknown or has a wrong option. */
export function checkFilters(filters: readonly FilterConfig[], where: string): void {
  if (filters.length === 0) throw new Gpt2Error('invalid-file', `${where} has an empty filter_list`);
  for (const step of filters.flatMap(({ filter }) => filter)) {
    const { function: name, regex_pattern: pattern } = step;
    if (!Object.hasOwn(FILTERS, name)) {
      const known = Object.keys(FILTERS).join(', ');
      throw new Gpt2Error('invalid-file', `${where} has the filter ${name}; the filters are ${known}`);
    }
    if (name === 'take_first_k' && step.k === undefined) throw wrongOption(where, name, 'k', undefined);
    for (const [option, value] of Object.entries(step)) {
      const isWrong = Object.hasOwn(OPTIONS, option) && !OPTIONS[option]![0](value);
      if (isWrong) throw wrongOption(where, name, option, value);
    }
    if (name === 'regex' && pattern !== undefined)
      expression(String(pattern), `${where} has the regex_pattern`);
  }
}

function wrongOption(where: string, filter: string, option: string, value: unknown): Gpt2Error {
  const [, right] = OPTIONS[option]!;
  const problem = `has the filter ${filter} with the ${option} ${show(value)}; it must be ${right}`;
  return new Gpt2Error('invalid-file', `${where} ${problem}`);
}

/** The texts after all steps of a filter. */
export function applyFilters(texts: readonly string[], { filter }: FilterConfig): readonly string[] {
  return filter.reduce((left, step) => FILTERS[step.function]!(left, step), texts);
}

/** The group that matched first, of the match number `group_select`; -1 is the last match. */
function matched(text: string, step: FilterStep): string {
  const { regex_pattern: pattern = '#### (\\-?[0-9\\.\\,]+)', group_select: which = 0 } = step;
  const { fallback = NOTHING } = step;
  const regex = expression(String(pattern), 'the filter has the regex_pattern', text);
  const found = [...text.matchAll(regex)].at(Number(which));
  if (found === undefined) return String(fallback);
  const [whole, ...groups] = found;
  if (groups.length > 1) return strip(groups.find((group) => group) ?? String(fallback));
  return strip(groups.length === 0 ? whole : (groups[0] ?? ''));
}

/** Of equally frequent ones the first. */
function mostFrequent(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].reduce((best, each) => (each[1] > best[1] ? each : best))[0];
}
