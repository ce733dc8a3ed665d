import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { openSafetensors } from '../../models/safetensors.mjs';

export async function load({ folder, ids, batch, length, settings }) {
  const binary = import.meta.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm');
  setWasmPaths(`${dirname(fileURLToPath(binary))}/`);
  await tf.setBackend('wasm');
  const model = new Gpt2(folder);
  const rows = Array.from({ length: batch }, (_, row) => ids.slice(row * length, (row + 1) * length + 1));
  const tokens = tf.tensor1d(
    rows.flatMap((row) => row.slice(0, -1)),
    'int32',
  );
  const targets = tf.tensor1d(
    rows.flatMap((row) => row.slice(1)),
    'int32',
  );
  const { learningRate, beta1, beta2, epsilon } = settings;
  const optimizer = tf.train.adam(learningRate, beta1, beta2, epsilon);
  return {
    version: tf.version.tfjs,
    step: () => step(model, optimizer, { tokens, targets, shape: [batch, length] }, settings),
  };
}

/** Adam with decay and clipping, which the library leaves to its caller; resolves to the loss before it. */
async function step(model, optimizer, data, { learningRate, weightDecay, maxGradientNorm }) {
  const loss = tf.tidy(() => {
    const { value, grads } = tf.variableGrads(() => model.loss(data));
    const squares = Object.values(grads).map((gradient) => gradient.square().sum());
    const scale = tf.minimum(1, tf.scalar(maxGradientNorm).div(tf.addN(squares).sqrt().add(1e-6)));
    for (const name of Object.keys(grads)) grads[name] = grads[name].mul(scale);
    for (const matrix of model.matrices) matrix.assign(matrix.mul(1 - learningRate * weightDecay));
    optimizer.applyGradients(grads);
    return value;
  });
  const [number] = await loss.data();
  loss.dispose();
  return number;
}

class Gpt2 {
  #config;
  #weights = {};
  #mask;

  constructor(folder) {
    this.#config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
    const file = openSafetensors(join(folder, 'model.safetensors'));
    for (const [name, shape] of file.shapes())
      this.#weights[name] = tf.variable(tf.tensor(file.read(name), shape));
    file.close();
  }

  /** Those that decay. */
  get matrices() {
    return Object.values(this.#weights).filter(({ rank }) => rank === 2);
  }

  /** The mean loss of the targets [B T] of tokens [B T]. */
  loss({ tokens, targets, shape: [B, T] }) {
    const { vocab_size: V, n_embd: C, n_layer } = this.#config;
    const wte = this.#weights['wte.weight'];
    const places = this.#weights['wpe.weight'].slice([0, 0], [T, C]);
    this.#mask = tf.sub(1, tf.linalg.bandPart(tf.ones([T, T]), -1, 0)).mul(-1e9);
    let x = embedding(wte, tokens)
      .reshape([B, T, C])
      .add(places)
      .reshape([B * T, C]);
    for (let layer = 0; layer < n_layer; layer++) {
      x = x.add(this.#attention(layer, this.#norm(`h.${layer}.ln_1`, x), B, T));
      x = x.add(this.#mlp(layer, this.#norm(`h.${layer}.ln_2`, x)));
    }
    const logits = product(this.#norm('ln_f', x), turned(wte));
    return tf.losses.softmaxCrossEntropy(tf.oneHot(targets, V), logits);
  }

  #linear(name, x) {
    return product(x, this.#weights[`${name}.weight`]).add(this.#weights[`${name}.bias`]);
  }

  #norm(name, x) {
    const centred = x.sub(x.mean(-1, true));
    const scale = centred.square().mean(-1, true).add(1e-5).rsqrt();
    return centred.mul(scale).mul(this.#weights[`${name}.weight`]).add(this.#weights[`${name}.bias`]);
  }

  #attention(layer, x, B, T) {
    const { n_embd: C, n_head: H } = this.#config;
    const [q, k, v] = tf
      .split(this.#linear(`h.${layer}.attn.c_attn`, x), 3, 1)
      .map((part) => part.reshape([B, T, H, C / H]).transpose([0, 2, 1, 3]));
    const scores = product(q, turned(k)).mul(Math.sqrt(H / C));
    const attended = product(tf.softmax(scores.add(this.#mask)), v);
    return this.#linear(`h.${layer}.attn.c_proj`, attended.transpose([0, 2, 1, 3]).reshape([B * T, C]));
  }

  #mlp(layer, x) {
    const hidden = this.#linear(`h.${layer}.mlp.c_fc`, x);
    const inner = hidden.add(hidden.mul(hidden).mul(hidden).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
    return this.#linear(`h.${layer}.mlp.c_proj`, hidden.mul(0.5).mul(inner.tanh().add(1)));
  }
}

/** Matrices with their last two axes exchanged. */
function turned(x) {
  const axes = Array.from({ length: x.rank }, (_, i) => i);
  return x.transpose([...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}

/** A product of matrices whose gradients turn them first: the wasm backend's own way is 50 times as slow. */
function product(a, b) {
  const multiply = tf.customGrad((a, b, save) => {
    save([a, b]);
    const gradFunc = (dy, [a, b]) => [tf.matMul(dy, turned(b)), tf.matMul(turned(a), dy)];
    return { value: tf.matMul(a, b), gradFunc };
  });
  return multiply(a, b);
}

/** Rows of a table, with a gradient written here: that of tf.gather needs a kernel that the wasm backend lacks. */
function embedding(table, ids) {
  const lookUp = tf.customGrad((table) => ({
    value: tf.gather(table, ids),
    gradFunc: (dy) => tf.scatterND(ids.expandDims(1), dy, table.shape),
  }));
  return lookUp(table);
}
