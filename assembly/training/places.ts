import { CROSS_SITE } from './abi';
import { rowBytes } from '../layers/rows';
import { Dropout } from './dropout';
import { modelOf, rowsOf } from './phases';
import { Training } from './structs';

/*
 * Addresses of the activations that the backward pass of a layer reads, and the numbers and rates of the tensors with dropout: the
 * embedding, then three of each layer, and two of its attention to encoder states.
 */

// @ts-ignore: decorator
@inline
export function attentionSite(training: Training, layer: i32): u32 {
  return training.firstSite + <u32>(3 * layer + 1);
}

// @ts-ignore: decorator
@inline
export function projectionSite(training: Training, layer: i32): u32 {
  return training.firstSite + <u32>(3 * layer + 2);
}

// @ts-ignore: decorator
@inline
export function outputSite(training: Training, layer: i32): u32 {
  return training.firstSite + <u32>(3 * layer + 3);
}

// @ts-ignore: decorator
@inline
export function crossAttentionSite(layer: i32): u32 {
  return <u32>(CROSS_SITE + 2 * layer);
}

// @ts-ignore: decorator
@inline
export function crossProjectionSite(layer: i32): u32 {
  return <u32>(CROSS_SITE + 2 * layer + 1);
}

export function embeddingDropout(training: Training): Dropout {
  return changetype<Dropout>(training.dropouts);
}

export function attentionDropout(training: Training): Dropout {
  return changetype<Dropout>(training.dropouts + offsetof<Dropout>());
}

export function residualDropout(training: Training): Dropout {
  return changetype<Dropout>(training.dropouts + 2 * offsetof<Dropout>());
}

/** Address of a layer's part, `bytes` long, of a buffer that is kept of every layer. */
// @ts-ignore: decorator
@inline
export function kept(training: Training, region: usize, bytes: usize, index: i32): usize {
  return training.recompute ? region : region + bytes * index;
}

/** Bytes of a layer's [R, n]. */
// @ts-ignore: decorator
@inline
export function rowsBytes(training: Training, n: i32): usize {
  return rowBytes(n) * rowsOf(training);
}

/** Bytes of the log-sums of a layer's attention, [B, heads, T]. */
// @ts-ignore: decorator
@inline
export function sumsBytes(training: Training): usize {
  return rowBytes(training.length) * (training.batch * modelOf(training).heads);
}

/** The residual stream before layer `index`. */
export function residual(training: Training, index: i32): usize {
  return training.residuals + rowsBytes(training, modelOf(training).channels) * index;
}
