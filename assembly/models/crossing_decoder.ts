import { evaluateLayers } from './decoder';

/** As `forward` of decoder.ts, of a model with cross-attention. */
export function forward(model: usize, batch: usize, firstLayer: i32, endLayer: i32): void {
  evaluateLayers(model, batch, firstLayer, endLayer, true);
}
