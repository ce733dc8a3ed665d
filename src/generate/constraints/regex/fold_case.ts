import { type CodePointSet, codePointSet, intersection } from '../expressions/code_points.js';
import { testedSet } from './tested_set.js';

/** Each character that has others that only differ in case, with all of them. */
let variants: ReadonlyMap<number, readonly number[]> | undefined;
/** The characters of `variants`. */
const CASED = '[\\p{Changes_When_Casemapped}\\p{Changes_When_Casefolded}]';

/** A set with all characters that differ from a member only in case, as the flags `iu` of RegExp compare them. */
export function foldCase(set: CodePointSet): CodePointSet {
  variants ??= findVariants();
  const more: number[] = [];
  for (const [first, last] of intersection(set, testedSet(CASED))) {
    for (let one = first; one <= last; one++) more.push(...(variants.get(one) ?? []));
  }
  return codePointSet([...set, ...more.map((one) => [one, one] as const)]);
}

function findVariants(): ReadonlyMap<number, readonly number[]> {
  const groups = new Map<string, string[]>();
  /** The first character with the same capitals, such as SS. */
  const firsts = new Map<string, string>();
  for (const [first, last] of testedSet(CASED)) {
    for (let one = first; one <= last; one++) {
      const letter = String.fromCodePoint(one);
      const group = groups.get(letter) ?? [letter];
      groups.set(letter, group);
      const [lower, upper] = [letter.toLowerCase(), letter.toUpperCase()];
      const same = firsts.get(upper) ?? letter;
      firsts.set(upper, same);
      const isVariant = new RegExp(`^${letter}$`, 'iu');
      for (const other of [lower, upper, lower.toUpperCase(), upper.toLowerCase(), same]) {
        const others = groups.get(other) ?? [other];
        if (others === groups.get(letter) || !isVariant.test(other)) continue;
        const all = [...groups.get(letter)!, ...others];
        for (const each of all) groups.set(each, all);
      }
    }
  }
  return new Map(
    [...groups].map(([letter, all]) => [letter.codePointAt(0)!, all.map((one) => one.codePointAt(0)!)]),
  );
}
