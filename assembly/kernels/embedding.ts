import { NO_TOKEN, PANEL } from '../abi';
import { addColumn, panelBytes } from './formats';

/**
 * out[C] = wte[token] + position[C]; with NO_TOKEN, out += position. `wte` [C, V] is in the format `weights`,
 * in panels of 16 tokens.
 */
export function embed(out: usize, token: i32, position: usize, weights: i32, wte: usize, C: i32): void {
  if (token == NO_TOKEN) {
    addTo(out, position, C);
  } else {
    const panel = wte + <usize>(token / PANEL) * panelBytes(weights, C);
    addColumn(weights, out, position, panel, <usize>(token % PANEL), C);
  }
}

/** out[n] += values[n] */
export function addTo(out: usize, values: usize, n: i32): void {
  for (let i: usize = 0; i < (<usize>n) << 2; i += 4) {
    store<f32>(out + i, load<f32>(out + i) + load<f32>(values + i));
  }
}
