import { addTo } from '../kernels/embedding';
import { isQuantized } from '../kernels/formats';
import { attendAllRows, storeAllRows } from '../layers/full_attention';
import { linear, prepare } from '../layers/linear';
import { norm } from '../layers/norm';
import { rowBytes } from '../layers/rows';
import { barrier, shareEnd, shareStart } from '../threads';
import { contract, expand, project } from './decoder';
import { Layer, Matrix, Model, NO_RUNS, layerOf } from './structs';

/*
 * The encoder of images: Dosovitskiy et al. 2021, "ViT"; with a distillation token: Touvron et al. 2021, "DeiT".
 * All states of an image are one batch of rows. Threads share the work as in decoder.ts.
 */

@unmanaged
export class Encoder {
  /**
   * Layers, final norm and buffers. A layer's matrix `attn` is [C, 3 x C], each of its three parts padded to whole
   * panels.
   */
  model: Model;
  /** S: class tokens and patches. */
  states: i32;
  classTokens: i32;
  /** [numbers of a patch, C] */
  projection: Matrix;
  /** Patches of the image, [S - class tokens, numbers of a patch]. */
  patches: usize;
  /** [class tokens, C] */
  classRows: usize;
  /** [S, C] */
  positions: usize;
  /** Array of addresses: pages with the keys and values of one layer. */
  pages: usize;
  /** The last matrix [C, N]; null if there is none. */
  outProjection: Matrix;
  /** The last matrix's result, [S, N]. */
  out: usize;
  /** The steps that `encode` computes: from `firstStep` to before `endStep`. */
  firstStep: i32;
  endStep: i32;
}

/** Steps of a layer. */
const LAYER_STEPS: i32 = 4;

/**
 * Computes steps of the encoder: 0 is the embedding; then each layer has LAYER_STEPS, queries to values, attention, and
 * the two halves of the MLP; the last one, LAYER_STEPS x layers + 1, is the final norm, into `model.normed`, with the
 * last matrix, into `out`.
 */
export function encode(pointer: usize): void {
  const encoder = changetype<Encoder>(pointer);
  const model = encoder.model;
  const states = encoder.states;
  // Read now: after the last barrier the caller may already write the next steps.
  const end = encoder.endStep;
  for (let step = encoder.firstStep; step < end; step++) {
    const index = (step - 1) / LAYER_STEPS;
    if (step == 0) {
      embed(encoder, model);
    } else if (index == model.layers) {
      finish(encoder, model);
    } else {
      const layer = layerOf(model, index);
      const part = (step - 1) % LAYER_STEPS;
      if (part == 0) queriesKeysValues(model, layer, states);
      else if (part == 1) attention(encoder, model, layer, index);
      else if (part == 2) expand(model, NO_RUNS, layer, index, states);
      else contract(model, NO_RUNS, layer, index, states);
    }
  }
}

/** The residual stream before the first layer: class tokens and projected patches, each with its position. */
function embed(encoder: Encoder, model: Model): void {
  const C = model.channels;
  const stride = rowBytes(C);
  const classTokens = encoder.classTokens;
  const patches = encoder.states - classTokens;
  const projection = encoder.projection;
  if (isQuantized(model.weights)) {
    prepare(model, NO_RUNS, 0, encoder.patches, patches, projection.K);
    barrier();
  }
  linear(model, NO_RUNS, 0, model.x + stride * classTokens, encoder.patches, patches, projection, false);
  barrier();
  for (let row = shareStart(encoder.states); row < shareEnd(encoder.states); row++) {
    const offset = stride * row;
    if (row < classTokens) memory.copy(model.x + offset, encoder.classRows + offset, (<usize>C) << 2);
    addTo(model.x + offset, encoder.positions + offset, C);
  }
  barrier();
}

/** Queries, keys and values of a layer into `model.qkv`. */
function queriesKeysValues(model: Model, layer: Layer, states: i32): void {
  norm(model, NO_RUNS, 0, model.x, states, layer.ln1Weight, layer.ln1Bias);
  barrier();
  linear(model, NO_RUNS, 0, model.qkv, model.normed, states, layer.attn, false);
  barrier();
}

/** Adds the attention of a layer, whose queries, keys and values are in `model.qkv`, to the residual stream. */
function attention(encoder: Encoder, model: Model, layer: Layer, index: i32): void {
  const states = encoder.states;
  storeAllRows(model, encoder.pages, states);
  barrier();
  attendAllRows(model, encoder.pages, states, layer.scoreScale);
  barrier();
  project(model, NO_RUNS, layer, index, states);
}

/** The final states. */
function finish(encoder: Encoder, model: Model): void {
  norm(model, NO_RUNS, 0, model.x, encoder.states, model.finalWeight, model.finalBias);
  barrier();
  if (!changetype<usize>(encoder.outProjection)) return;
  linear(model, NO_RUNS, 0, encoder.out, model.normed, encoder.states, encoder.outProjection, false);
  barrier();
}
