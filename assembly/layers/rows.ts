import { PANEL, padded } from '../abi';

/** Bytes from one row of n numbers to the next. */
// @ts-ignore: decorator
@inline
export function rowBytes(n: i32): usize {
  return (<usize>padded(n)) << 2;
}

/** Number of panels that n columns take. */
// @ts-ignore: decorator
@inline
export function panelCount(n: i32): i32 {
  return (n + PANEL - 1) / PANEL;
}
