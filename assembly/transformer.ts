import { activate } from './kernels/activation';
import { attendHead, storeKeyValue } from './kernels/attention';
import { embed } from './kernels/embedding';
import { layernorm } from './kernels/layernorm';
import { matmul } from './kernels/matmul_f32';
import { matmulQ4 } from './kernels/matmul_q4';
import { matmulQ8 } from './kernels/matmul_q8';
import { quantizeRows, quantizeRowsQ4 } from './kernels/quantize';
import { PANEL_BYTES, padded } from './layout';
import { Layer, Model, WEIGHTS_Q4, WEIGHTS_Q8 } from './model';

/** Bytes from one row of C channels to the next. */
// @ts-ignore: decorator
@inline
function rowBytes(channels: i32): usize {
  return (<usize>padded(channels)) << 2;
}

/** out[rows, N] = x[rows, K] . w + bias (+ out), rows padded to whole panels. */
function linear(
  model: Model,
  out: usize,
  x: usize,
  rows: i32,
  w: usize,
  bias: usize,
  K: i32,
  N: i32,
  accumulate: bool,
): void {
  if (model.weights == WEIGHTS_Q8) {
    quantizeRows(model.quantized, x, rowBytes(K), rows, K);
    matmulQ8(out, rowBytes(N), model.quantized, rows, w, bias, K, N, accumulate);
  } else if (model.weights == WEIGHTS_Q4) {
    quantizeRowsQ4(model.quantized, x, rowBytes(K), rows, K);
    matmulQ4(out, rowBytes(N), model.quantized, rows, w, bias, K, N, accumulate, model.panel);
  } else {
    const panelStride = (<usize>K) * PANEL_BYTES;
    matmul(out, rowBytes(N), x, rowBytes(K), rows, w, panelStride, bias, K, N, accumulate);
  }
}

/**
 * Evaluates `rows` tokens (i32) at positions start.. and leaves the residual stream in `model.x`.
 *
 * `cache` holds keys, then values, of every layer: T x C and T x heads x padded head size f32 a layer.
 */
export function forward(modelPointer: usize, cache: usize, tokens: usize, rows: i32, start: i32): void {
  const model = changetype<Model>(modelPointer);
  const C = model.channels;
  const headSize = C / model.heads;
  const capacity = model.capacity;
  const stride = rowBytes(C);
  const qkvStride = rowBytes(3 * C);
  const headBytes = (<usize>headSize) << 2;
  const keyHeadBytes = (<usize>capacity) * headBytes;
  const valueHeadBytes = ((<usize>capacity) * padded(headSize)) << 2;
  const hiddenBytes = rowBytes(model.inner) * rows;

  embed(model.x, stride, tokens, rows, start, model.weights, model.wte, model.wpe, C);
  let keys = cache;
  for (let index = 0; index < model.layers; index++) {
    const layer = changetype<Layer>(model.layer + (<usize>index) * offsetof<Layer>());
    const values = keys + keyHeadBytes * model.heads;
    const k = model.qkv + ((<usize>C) << 2);
    const v = k + ((<usize>C) << 2);

    layernorm(model.normed, stride, model.x, stride, rows, layer.ln1Weight, layer.ln1Bias, C, model.epsilon);
    linear(model, model.qkv, model.normed, rows, layer.attnWeight, layer.attnBias, C, 3 * C, false);
    storeKeyValue(keys, values, capacity, k, v, qkvStride, rows, start, model.heads, headSize);
    for (let head = 0; head < model.heads; head++) {
      attendHead(
        model.normed + headBytes * head,
        stride,
        model.qkv + headBytes * head,
        qkvStride,
        rows,
        start,
        keys + keyHeadBytes * head,
        values + valueHeadBytes * head,
        capacity,
        headSize,
        layer.scoreScale,
        model.attention,
      );
    }
    linear(model, model.x, model.normed, rows, layer.projWeight, layer.projBias, C, C, true);

    layernorm(model.normed, stride, model.x, stride, rows, layer.ln2Weight, layer.ln2Bias, C, model.epsilon);
    linear(model, model.hidden, model.normed, rows, layer.fcWeight, layer.fcBias, C, model.inner, false);
    activate(model.activation, model.hidden, hiddenBytes);
    linear(model, model.x, model.hidden, rows, layer.outWeight, layer.outBias, model.inner, C, true);

    keys = values + valueHeadBytes * model.heads;
  }
}

/** Logits of rows first.. of the latest `forward`: out[rows, V], rows padded to whole panels. */
export function head(modelPointer: usize, out: usize, first: i32, rows: i32): void {
  const model = changetype<Model>(modelPointer);
  const C = model.channels;
  const stride = rowBytes(C);
  const x = model.x + stride * first;
  layernorm(model.normed, stride, x, stride, rows, model.finalWeight, model.finalBias, C, model.epsilon);
  linear(model, out, model.normed, rows, model.head, 0, C, model.vocab, false);
}
