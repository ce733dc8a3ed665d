import { Gpt2Error } from '../../../base/errors.js';
import {
  ALL_CODE_POINTS,
  type CodePointRange,
  type CodePointSet,
  codePointSet,
} from '../expressions/code_points.js';

/** Sets by their source; each takes some milliseconds. */
const sets = new Map<string, CodePointSet>();
/** Most sets that are kept: more than the properties that patterns commonly name. */
const MOST_SETS = 100;
/** How many code points are tested in one text. Surrogates, which fill one of these texts, are left out. */
const CHUNK = 0x800;

/**
 * The code points that this runtime's own RegExp matches with `source`, which matches one character. Runtimes with
 * different versions of Unicode differ in characters that were added between them.
 */
export function testedSet(source: string): CodePointSet {
  let set = sets.get(source);
  if (set === undefined) {
    if (sets.size === MOST_SETS) sets.clear();
    set = test(runsOf(source));
    sets.set(source, set);
  }
  return set;
}

function runsOf(source: string): RegExp {
  try {
    return new RegExp(`${source}+`, 'gu');
  } catch (error) {
    const reason = `this runtime's RegExp does not know ${source}; its version of Unicode is too old`;
    throw new Gpt2Error('invalid-option', reason, { cause: error });
  }
}

function test(runs: RegExp): CodePointSet {
  const ranges: CodePointRange[] = [];
  for (let start = 0; start <= ALL_CODE_POINTS[1]; start += CHUNK) {
    if (start === 0xd800) continue;
    const units = start < 0x10000 ? 1 : 2;
    const text = String.fromCodePoint(...Array.from({ length: CHUNK }, (_, i) => start + i));
    for (const run of text.matchAll(runs)) {
      const first = start + run.index / units;
      ranges.push([first, first + run[0].length / units - 1]);
    }
  }
  return codePointSet(ranges);
}
