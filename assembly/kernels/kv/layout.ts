import { KV_F16, KV_Q8, PAGE, PANEL, padded } from '../../abi';

/*
 * One head's part of a page:
 *
 *   keys    panels of 16 columns, which are positions, and a row for each channel: [PAGE / 16][head size][16]
 *   values  panels of 16 columns, which are channels, and a row for each position:
 *           [ceil(head size / 16)][PAGE][16]
 *   scales  q8 only: of the keys [PAGE], of the values [PAGE], f16
 *
 * so that attention is two products of matrices. Positions that were not written have any content, and so do
 * the columns after the last channel.
 *
 * A q8 panel is [rows / 2][2][4][2 rows][2]: 16 bits hold two columns that are 4 apart, the later one in the
 * high byte, the earlier one + 128 in the low byte (attention/pairs.ts says why). Rows of keys are rounded up
 * to an even number.
 */

/** Bytes of a number. */
// @ts-ignore: decorator
@inline
export function numberBytes(format: i32): usize {
  return format == KV_Q8 ? 1 : format == KV_F16 ? 2 : 4;
}

/** Bytes of a panel of keys. */
// @ts-ignore: decorator
@inline
export function keyPanelBytes(format: i32, headSize: i32): usize {
  const rows = format == KV_Q8 ? (headSize + 1) & -2 : headSize;
  return <usize>(rows * PANEL) * numberBytes(format);
}

/** Bytes of a panel of values. */
// @ts-ignore: decorator
@inline
export function valuePanelBytes(format: i32): usize {
  return <usize>(PAGE * PANEL) * numberBytes(format);
}

/** Offset of the values, which is the bytes of all keys. */
// @ts-ignore: decorator
@inline
export function valuesOffset(format: i32, headSize: i32): usize {
  return keyPanelBytes(format, headSize) * (PAGE / PANEL);
}

/** Offset of the scales of the keys in q8; those of the values follow after PAGE halves. */
// @ts-ignore: decorator
@inline
export function scalesOffset(headSize: i32): usize {
  return valuesOffset(KV_Q8, headSize) + <usize>(PAGE * padded(headSize));
}

/** Offset of a column in two rows of a q8 panel, for the first row; the second is 2 bytes later. */
// @ts-ignore: decorator
@inline
export function columnOffset(column: i32): usize {
  return (<usize>(column & 8) << 1) | (<usize>(column & 3) << 2) | (<usize>(column & 4) >> 2);
}

/** Bits to flip in an i8 of a column of a q8 panel: those that add 128 in low bytes. */
// @ts-ignore: decorator
@inline
export function columnFlip(column: i32): i32 {
  return column & 4 ? 0 : 0x80;
}
