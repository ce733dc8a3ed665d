import { BLOCK, Q8_BLOCK_BYTES } from '../../../abi';
import { scale1 } from '../../../half';
import { SCALES_BYTES } from '../blocks';

/** out[C] = a column of a q8 panel + position[C]. */
export function addColumnQ8(out: usize, position: usize, panel: usize, column: usize, C: i32): void {
  for (let c = 0; c < C; c++) {
    const block = panel + <usize>(c / BLOCK) * Q8_BLOCK_BYTES;
    const k = <usize>(c % BLOCK);
    const weight = load<i8>(block + SCALES_BYTES + ((k & ~3) << 4) + (column << 2) + (k & 3));
    const at = (<usize>c) << 2;
    store<f32>(out + at, <f32>weight * scale1(block + (column << 1)) + load<f32>(position + at));
  }
}
