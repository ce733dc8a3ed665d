import { Gpt2Error } from '../../../base/errors.js';

/**
 * Replaces a row's differences by its bytes. Byte 0 of `row` names the filter; `above` is the row before, zeros
 * for the first one of a pass. `step`: bytes of a pixel, at least 1.
 */
export function unfilter(row: Uint8Array, above: Uint8Array, length: number, step: number): void {
  const filter = row[0]!;
  if (filter === 0) return;
  if (filter === 1) {
    for (let i = step + 1; i <= length; i++) row[i]! += row[i - step]!;
  } else if (filter === 2) {
    for (let i = 1; i <= length; i++) row[i]! += above[i]!;
  } else if (filter === 3) {
    for (let i = 1; i <= length; i++) row[i]! += ((i > step ? row[i - step]! : 0) + above[i]!) >> 1;
  } else if (filter === 4) {
    for (let i = 1; i <= length; i++) {
      row[i]! += i > step ? paeth(row[i - step]!, above[i]!, above[i - step]!) : above[i]!;
    }
  } else {
    throw new Gpt2Error('invalid-file', `the PNG is damaged: a row has the unknown filter ${filter}`);
  }
}

/** The neighbour that is nearest to left + above - corner. */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner);
  const toAbove = Math.abs(left - corner);
  const toCorner = Math.abs(left + above - 2 * corner);
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
