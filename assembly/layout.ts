/** Columns in one panel: matrices are stored as [ceil(N / PANEL)][K][PANEL], missing columns zero. */
// @ts-ignore: decorator
@inline
export const PANEL: i32 = 16;

/** Bytes from one k to the next inside a panel. */
// @ts-ignore: decorator
@inline
export const PANEL_BYTES: usize = 64;

/** Rows and vectors are as long as a whole number of panels. */
// @ts-ignore: decorator
@inline
export function padded(n: i32): i32 {
  return (n + PANEL - 1) & -PANEL;
}
