import { PANEL, PANEL_BYTES } from '../../abi';
import { matmul } from '../../kernels/formats/f32/matmul';
import { transpose } from '../../kernels/transpose';
import { PANEL_GROUP } from '../abi';
import { blockRows, stretch } from '../matmul';
import { panelsOfRows } from '../panels';

/**
 * Panels first.. end - 1 of out[rows, columns] = left[rows, depth] . right[depth, columns] (+ out), all in rows, as one
 * of the parts that threads share. With `lower`, `out` is symmetric, and only rows from a panel's first column on are
 * sure to be written. `scratch`: PANELS_BYTES.
 */
export function product(
  out: usize,
  outStride: usize,
  left: usize,
  leftStride: usize,
  rows: i32,
  right: usize,
  rightStride: usize,
  depth: i32,
  columns: i32,
  first: i32,
  end: i32,
  accumulate: bool,
  lower: bool,
  scratch: usize,
): void {
  const longest = stretch(depth);
  const block = blockRows(longest);
  for (let panel = first; panel < end; panel += PANEL_GROUP) {
    const count = min(PANEL_GROUP, end - panel);
    const column = panel * PANEL;
    const bytes = (<usize>column) << 2;
    for (let from = 0; from < depth; from += longest) {
      const length = min(longest, depth - from);
      const panelStride = (<usize>length) * PANEL_BYTES;
      const terms = right + rightStride * from + bytes;
      panelsOfRows(scratch, panelStride, terms, rightStride, length, min(count * PANEL, columns - column));
      for (let row = lower ? column : 0; row < rows; row += block) {
        matmul(
          out + outStride * row + bytes,
          outStride,
          left + leftStride * row + ((<usize>from) << 2),
          leftStride,
          min(block, rows - row),
          scratch,
          panelStride,
          0,
          length,
          count * PANEL,
          accumulate || from > 0,
        );
      }
    }
  }
}

/** Copies rows 16 band.. of a symmetric x[m, m], left of the diagonal's block, to the columns above that block. */
export function mirrorBand(x: usize, stride: usize, m: i32, band: i32): void {
  const first = band * PANEL;
  transpose(x + ((<usize>first) << 2), stride, x + stride * first, stride, min(PANEL, m - first), first);
}
