import { KV_F16, KV_Q8, PAGE, PANEL, padded } from '../../abi';

/*
 * One head's part of a page:
 *
 *   keys    panels of 16 positions: [PAGE / 16][head size][16]; q8: [PAGE / 16][ceil(head size / 2)][16][2]
 *   values  panels of 16 channels: [ceil(head size / 16)][PAGE][16]; q8: [...][PAGE / 2][16][2]
 *   scales  q8 only: of the keys [PAGE], of the values [PAGE], f16
 *
 * so that attention is two products of matrices. The last panel of values is padded and never read there.
 * Positions that were not written have any content.
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
