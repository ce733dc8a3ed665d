import { PANEL_BYTES } from '../../../abi';

/** out[C] = a column of an f32 panel + position[C]. */
export function addColumnF32(out: usize, position: usize, panel: usize, column: usize, C: i32): void {
  let weight = panel + (column << 2);
  for (const end = out + ((<usize>C) << 2); out < end; out += 4) {
    store<f32>(out, load<f32>(weight) + load<f32>(position));
    weight += PANEL_BYTES;
    position += 4;
  }
}
