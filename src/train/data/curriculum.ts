import { invalidOption } from '../../base/check_options.js';
import { permutation } from './shuffle.js';
import type { TokenDocuments } from './token_documents.js';

/** The order in which the first epoch has its documents: `length`, from short to long. */
export type Curriculum = 'length';

/** Throws `invalid-option` if `curriculum` is neither a Curriculum nor undefined. */
export function checkCurriculum(curriculum: unknown): void {
  if (curriculum !== undefined && curriculum !== 'length') {
    throw invalidOption('curriculum', curriculum, "'length'");
  }
}

/** Parts of the first epoch within which rows are shuffled. */
export const STAGES = 10;

/**
 * The order of the documents in an epoch, a function of seed and epoch. With a curriculum (Bengio et al. 2009) the
 * first epoch has them from short to long, and equally long ones in random order.
 */
export function documentOrder(
  { starts, ends }: TokenDocuments,
  seed: number,
  epoch: number,
  curriculum: Curriculum | undefined,
): Int32Array {
  const order = permutation(starts.length, seed, 2 * epoch + 1);
  if (curriculum === undefined || epoch > 0) return order;
  return stablySorted(order, (document) => ends[document]! - starts[document]!);
}

/**
 * The order of the rows in an epoch, since a long document gives many in succession. With a curriculum the rows of
 * the first epoch stay within its tenths, so that the steps at its end do not all have the same document.
 */
export function rowOrder(
  count: number,
  seed: number,
  epoch: number,
  curriculum: Curriculum | undefined,
): Int32Array {
  const order = permutation(count, seed, 2 * epoch + 2);
  if (curriculum === undefined || epoch > 0) return order;
  return stablySorted(order, (row) => Math.floor((row * STAGES) / count));
}

function stablySorted(order: Int32Array, key: (item: number) => number): Int32Array {
  const rank = new Int32Array(order.length);
  order.forEach((item, i) => {
    rank[item] = i;
  });
  return order.sort((a, b) => key(a) - key(b) || rank[a]! - rank[b]!);
}
