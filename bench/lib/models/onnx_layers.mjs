import { MATRICES } from './onnx_matrices.mjs';

/** Added to the score of a hidden position before the softmax. */
const HIDDEN = -1e9;
const KINDS = ['key', 'value'];

/**
 * Parts of transformers in an ONNX graph. `read(name)` gives a tensor's numbers; matrices are multiplied as the
 * weight format says. Values are [batch, rows, channels].
 */
export class OnnxLayers {
  graph;
  read;
  #matrices;

  constructor(graph, weights, read) {
    this.graph = graph;
    this.read = read;
    this.#matrices = MATRICES[weights];
  }

  norm(x, name, epsilon) {
    const [gain, bias] = ['weight', 'bias'].map((kind) => this.vector(`${name}.${kind}`));
    return this.graph.op('LayerNormalization', [x, gain, bias], {
      attributes: { axis: -1, epsilon: { float: epsilon } },
    });
  }

  vector(name) {
    const values = this.read(name);
    return this.graph.constant('f32', [values.length], values);
  }

  /** x W + bias for W [K, N], as GPT-2's files have it. */
  conv1d(x, name, K, N) {
    return this.linear(x, this.read(`${name}.weight`), K, N, this.read(`${name}.bias`));
  }

  linear(x, W, K, N, bias) {
    return this.#matrices.linear(this.graph, x, W, K, N, bias);
  }

  /** Rows of a matrix [V, C] by id (`lookup`), and products with all of them (`head`). */
  embedding(name, V, C) {
    return this.#matrices.embedding(this.graph, this.read(name), V, C);
  }

  add(a, b) {
    return this.graph.op('Add', [a, b]);
  }

  /** Parts of x along its channels. */
  split(x, ...sizes) {
    const outputs = sizes.length;
    return this.graph.node('Split', [x, this.graph.integers(...sizes)], { attributes: { axis: 2 }, outputs });
  }

  /** [batch, H, rows, D], or as `order` says. */
  heads(x, H, D, order = [0, 2, 1, 3]) {
    return this.transpose(this.graph.op('Reshape', [x, this.graph.integers(0, 0, H, D)]), ...order);
  }

  transpose(x, ...perm) {
    return this.graph.op('Transpose', [x], { attributes: { perm } });
  }

  /** Attention of q [batch, H, rows, D] to keys [batch, H, D, keys]: [batch, rows, H D]. `hidden` is added to scores. */
  attend(q, keys, values, H, D, hidden) {
    const { graph } = this;
    const scores = graph.op('MatMul', [graph.op('Mul', [q, graph.scalar(1 / Math.sqrt(D))]), keys]);
    const shares = graph.op('Softmax', [hidden === undefined ? scores : this.add(scores, hidden)], {
      attributes: { axis: -1 },
    });
    const mixed = this.transpose(graph.op('MatMul', [shares, values]), 0, 2, 1, 3);
    return graph.op('Reshape', [mixed, graph.integers(0, 0, H * D)]);
  }

  /** The inputs `past_key_values.LAYER.key` and `.value` of each layer. */
  pastInputs(layers, H, D) {
    return Array.from({ length: layers }, (_, layer) =>
      KINDS.map((kind) =>
        this.graph.input(`past_key_values.${layer}.${kind}`, 'f32', ['batch_size', H, 'past', D]),
      ),
    );
  }

  /** Keys and values of all positions, those of the past first: the outputs `present.LAYER.*`. */
  presentOutputs(past, now, layer, H, D) {
    return KINDS.map((kind, i) => {
      const name = `present.${layer}.${kind}`;
      this.graph.output(name, 'f32', ['batch_size', H, 'total', D]);
      return this.graph.op('Concat', [past[i], now[i]], { attributes: { axis: 2 }, outputs: [name] });
    });
  }

  /** A block of GPT-2. `cross(x)` is added between attention and the MLP. */
  decoderBlock(x, name, layer, { C, H, epsilon, past, hidden, cross }) {
    const D = C / H;
    const qkv = this.conv1d(this.norm(x, `${name}.ln_1`, epsilon), `${name}.attn.c_attn`, C, 3 * C);
    const [q, ...now] = this.split(qkv, C, C, C).map((part) => this.heads(part, H, D));
    const [keys, values] = this.presentOutputs(past, now, layer, H, D);
    const mixed = this.attend(q, this.transpose(keys, 0, 1, 3, 2), values, H, D, hidden);
    const seen = this.add(x, this.conv1d(mixed, `${name}.attn.c_proj`, C, C));
    const told = cross === undefined ? seen : this.add(seen, cross(seen));
    const inner = this.conv1d(this.norm(told, `${name}.ln_2`, epsilon), `${name}.mlp.c_fc`, C, 4 * C);
    const active = this.graph.op('FastGelu', [inner], { domain: 'com.microsoft' });
    return this.add(told, this.conv1d(active, `${name}.mlp.c_proj`, 4 * C, C));
  }

  /** Logits after the last row, [batch, 1, V]: the output `logits`. */
  lastLogits(x, name, epsilon, words, V) {
    const last = this.graph.op('Gather', [x, this.#integer(-1)], { attributes: { axis: 1 } });
    const logits = words.head(this.norm(last, name, epsilon));
    this.graph.op('Unsqueeze', [logits, this.graph.integers(1)], { outputs: ['logits'] });
    this.graph.output('logits', 'f32', ['batch_size', 1, V]);
  }

  sizeOf(x, axis) {
    return this.graph.op('Gather', [this.graph.op('Shape', [x]), this.#integer(axis)]);
  }

  /** Positions from `past` to `total`, and where one of all positions comes later than one of these: [rows, total]. */
  positions(past, total) {
    const { graph } = this;
    const [zero, one] = [this.#integer(0), this.#integer(1)];
    const now = graph.op('Range', [past, total, one]);
    const queries = graph.op('Unsqueeze', [now, graph.integers(1)]);
    return { now, later: graph.op('Greater', [graph.op('Range', [zero, total, one]), queries]) };
  }

  /** A large negative number where `condition` holds, else 0. */
  hiddenWhere(condition) {
    return this.graph.op('Where', [condition, this.graph.scalar(HIDDEN), this.graph.scalar(0)]);
  }

  /** For each integer, whether it is 0. */
  isZero(x) {
    return this.graph.op('Equal', [x, this.#integer(0)]);
  }

  #integer(value) {
    return this.graph.constant('i64', [], BigInt64Array.of(BigInt(value)));
  }
}
