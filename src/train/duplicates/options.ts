import { checkNumber, type NumberRule, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';

/** Which documents count as near-duplicates. */
export interface DeduplicateOptions {
  /**
   * Least Jaccard similarity of near-duplicates: their shingles in common as a share of all shingles of both, 0.5
   * to 1. Default 0.8.
   */
  readonly threshold?: number;
  /** Tokens of a shingle, 1 to 64. Default 5. */
  readonly shingle?: number;
}

const THRESHOLD: NumberRule = [(value) => value >= 0.5 && value <= 1, 'a number from 0.5 to 1'];

/** Checks the option `deduplicate` and fills in defaults; undefined if it is off. Throws `invalid-option`. */
export function resolveDeduplicate(
  given: boolean | DeduplicateOptions | undefined,
): Required<DeduplicateOptions> | undefined {
  if (given === undefined || given === false) return undefined;
  return resolveOptions(given === true ? {} : given);
}

/** Checks options of `deduplicateDocuments` and fills in defaults. Throws `invalid-option`. */
export function resolveOptions(options: DeduplicateOptions): Required<DeduplicateOptions> {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption('deduplicate', options, 'true, false or an object such as { threshold: 0.8 }');
  }
  checkOptionNames('deduplicate', options, ['threshold', 'shingle']);
  const { threshold = 0.8, shingle = 5 } = options;
  checkNumber('threshold of deduplicate', threshold, THRESHOLD);
  checkNumber('shingle of deduplicate', shingle, whole(1, 64));
  return { threshold, shingle };
}
