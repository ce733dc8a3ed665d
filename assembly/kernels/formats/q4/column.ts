import { BLOCK, Q4_BLOCK_BYTES } from '../../../abi';
import { signedScale1 } from '../../../half';
import { SCALES_BYTES } from '../blocks';

/** out[C] = a column of a q4 panel + position[C]. */
export function addColumnQ4(out: usize, position: usize, panel: usize, column: usize, C: i32): void {
  for (let c = 0; c < C; c++) {
    const block = panel + <usize>(c / BLOCK) * Q4_BLOCK_BYTES;
    const k = <usize>(c % BLOCK);
    const pair = load<u8>(block + SCALES_BYTES + ((k & 12) << 4) + (column << 2) + (k & 3));
    const weight = <i32>(k < 16 ? pair & 15 : pair >> 4) - 8;
    const at = (<usize>c) << 2;
    store<f32>(out + at, <f32>weight * signedScale1(block + (column << 1)) + load<f32>(position + at));
  }
}
