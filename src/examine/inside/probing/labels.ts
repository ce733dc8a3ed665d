import { checkArray } from '../../../base/check_lists.js';
import { invalidOption } from '../../../base/check_options.js';
import { Gpt2Error } from '../../../base/errors.js';
import { rowsOfGroups } from './folds.js';
import type { Probe, ProbeLabel } from './results.js';

/** Most classes of a probe. */
const MOST_CLASSES = 1000;

/** When one group is left out to test with, another one is to choose the penalty. */
const LEAST_GROUPS = 3;
/** Largest number of a label: sums of squares of such numbers, and of one over it, are those of 64 bits. */
const MOST_LABEL = 1e100;
/** Leaving a group out takes a matrix of its texts by its texts. */
const MOST_IN_GROUP = 2048;

/** Checked labels. */
export interface Labels {
  /** The classes; undefined for numbers. */
  readonly classes: (string | boolean)[] | undefined;
  /** The number of the class of each text, or its number. */
  readonly values: number[];
}

/** Throws `invalid-option` for labels of which nothing can be learned, and for those of several types. */
export function checkLabels(given: unknown, groups: readonly (readonly number[])[]): Labels {
  const right = 'a list of strings, of true and false, or of finite numbers';
  checkArray('labels', given, right);
  checkCount('labels', given.length, groups.flat().length);
  const type = typeof given[0];
  given.forEach((label, i) => {
    const isOne = type === 'number' ? Number.isFinite(label) : typeof label === type;
    const isKnown = type === 'string' || type === 'boolean' || type === 'number';
    if (!isKnown || !isOne) throw invalidOption(`labels[${i}]`, label, `of ${right}`);
  });
  const kinds = [...new Set(given as (string | boolean | number)[])];
  if (kinds.length < 2) {
    throw new Gpt2Error('invalid-option', 'all labels are the same: there is nothing to tell apart');
  }
  if (type === 'number') {
    checkSpread(given as number[]);
    return { classes: undefined, values: given as number[] };
  }
  if (kinds.length > MOST_CLASSES) {
    throw new Gpt2Error(
      'invalid-option',
      `there are ${kinds.length} classes; at most ${MOST_CLASSES} are taken`,
    );
  }
  const places = new Map(kinds.map((kind, i) => [kind, i]));
  const values = (given as string[]).map((label) => places.get(label)!);
  const found = groups.map((rows) => new Set(rows.map((row) => values[row]!)));
  const rare = kinds.findIndex((_, kind) => found.filter((own) => own.has(kind)).length < 2);
  if (rare >= 0) {
    throw new Gpt2Error(
      'invalid-option',
      `the class ${JSON.stringify(kinds[rare])} is in one text or group; each needs two, to learn from and to test with`,
    );
  }
  return { classes: kinds as (string | boolean)[], values };
}

/** Throws `invalid-option` for numbers whose squared differences are infinite, or 0 for all. */
function checkSpread(values: readonly number[]): void {
  const most = values.reduce((all, value) => Math.max(all, Math.abs(value)), 0);
  const apart = values.reduce((all, value) => Math.max(all, Math.abs(value - values[0]!)), 0);
  if (most <= MOST_LABEL && apart >= 1 / MOST_LABEL) return;
  throw new Gpt2Error(
    'invalid-option',
    `labels are numbers of up to ${MOST_LABEL}, at least ${1 / MOST_LABEL} apart; here up to ${most}, ${apart} apart`,
  );
}

/** The texts of each group; each text alone if none are given. Throws `invalid-option`. */
export function checkGroups(given: unknown, texts: number): number[][] {
  if (given === undefined) return Array.from({ length: texts }, (_, text) => [text]);
  const isGroup = (group: unknown) => typeof group === 'string' || Number.isFinite(group);
  checkArray('groups', given, 'a list of strings or numbers', isGroup);
  checkCount('groups', given.length, texts);
  const groups = rowsOfGroups(given);
  const largest = groups.reduce((most, rows) => Math.max(most, rows.length), 0);
  if (groups.length >= LEAST_GROUPS && largest <= MOST_IN_GROUP) return groups;
  throw new Gpt2Error(
    'invalid-option',
    `there are ${groups.length} groups, the largest of ${largest} texts; there must be ${LEAST_GROUPS} or more, of up to ` +
      `${MOST_IN_GROUP} texts`,
  );
}

function checkCount(name: string, count: number, texts: number): void {
  if (count === texts) return;
  const message = `there are ${count} ${name} and ${texts} texts; there must be as many`;
  throw new Gpt2Error('invalid-option', message);
}

/** The class of outputs with the highest score, the first of equals, or the number. */
export function labelOf(classes: Probe['classes'], outputs: readonly number[]): ProbeLabel {
  return classes === undefined ? outputs[0]! : classes[outputs.indexOf(Math.max(...outputs))]!;
}
