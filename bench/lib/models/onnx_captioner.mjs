import { OnnxLayers } from './onnx_layers.mjs';
import { transposed } from './onnx_matrices.mjs';
import { OnnxWriter } from './onnx_writer.mjs';

/**
 * The encoder of a `VisionEncoderDecoderModel` (ViT, as wide as its decoder) as optimum exports it: `pixel_values`
 * to `last_hidden_state`, one image at a time. `config` is that of config.json.
 */
export function writeEncoder(path, { encoder }, weights, read) {
  const { hidden_size: C, image_size, patch_size: P, num_channels, intermediate_size: inner } = encoder;
  const { num_attention_heads: H, layer_norm_eps: epsilon } = encoder;
  const D = C / H;
  const graph = new OnnxWriter();
  const layers = new OnnxLayers(graph, weights, (name) => read(`encoder.${name}`));
  /** x W + bias for W [N, K], as ViT's files have it. */
  const linear = (x, name, K, N) =>
    layers.linear(x, transposed(layers.read(`${name}.weight`), N, K), K, N, layers.read(`${name}.bias`));

  const pixels = graph.input('pixel_values', 'f32', [1, num_channels, image_size, image_size]);
  const projection = 'embeddings.patch_embeddings.projection';
  const kernel = graph.constant('f32', [C, num_channels, P, P], layers.read(`${projection}.weight`));
  const planes = graph.op('Conv', [pixels, kernel, layers.vector(`${projection}.bias`)], {
    attributes: { kernel_shape: [P, P], strides: [P, P] },
  });
  const patches = layers.transpose(graph.op('Reshape', [planes, graph.integers(0, C, -1)]), 0, 2, 1);
  const states = (image_size / P) ** 2 + 1;
  const start = graph.constant('f32', [1, 1, C], layers.read('embeddings.cls_token'));
  const places = graph.constant('f32', [1, states, C], layers.read('embeddings.position_embeddings'));
  let x = layers.add(graph.op('Concat', [start, patches], { attributes: { axis: 1 } }), places);
  for (let layer = 0; layer < encoder.num_hidden_layers; layer++) {
    const name = `encoder.layer.${layer}`;
    const before = layers.norm(x, `${name}.layernorm_before`, epsilon);
    const [q, k, v] = ['query', 'key', 'value'].map((kind) =>
      linear(before, `${name}.attention.attention.${kind}`, C, C),
    );
    const keys = layers.heads(k, H, D, [0, 2, 3, 1]);
    const mixed = layers.attend(layers.heads(q, H, D), keys, layers.heads(v, H, D), H, D);
    x = layers.add(x, linear(mixed, `${name}.attention.output.dense`, C, C));
    const after = layers.norm(x, `${name}.layernorm_after`, epsilon);
    const active = graph.op('Gelu', [linear(after, `${name}.intermediate.dense`, C, inner)], {
      domain: 'com.microsoft',
    });
    x = layers.add(x, linear(active, `${name}.output.dense`, inner, C));
  }
  graph.op('Identity', [layers.norm(x, 'layernorm', epsilon)], { outputs: ['last_hidden_state'] });
  graph.output('last_hidden_state', 'f32', [1, states, C]);
  graph.write(path);
}

/**
 * The decoder with the inputs and outputs that transformers.js gives it: `input_ids`, `encoder_hidden_states` and
 * keys and values of the tokens so far. It computes keys and values of the encoder's states for each token anew, as
 * exports of such models do: transformers.js keeps none for GPT-2. Exports hold one graph for the first token and one
 * for the others; as in onnx_graph.mjs, one graph that takes an empty past does both.
 */
export function writeDecoder(path, config, weights, read) {
  const graph = new OnnxWriter();
  const layers = decoderLayers(graph, weights, read);
  const states = statesInput(graph, config);
  writeDecoderWith(path, config, layers, (layer) => memory(layers, states, layer, config));
}

/** Keys [batch, H, D, S] and values [batch, H, S, D] of the encoder's states in every layer, computed once an image. */
export function writeMemory(path, config, weights, read) {
  const { n_embd: C, n_head: H, n_layer } = config.decoder;
  const graph = new OnnxWriter();
  const layers = decoderLayers(graph, weights, read);
  const states = statesInput(graph, config);
  for (let layer = 0; layer < n_layer; layer++) {
    const outputs = memoryNames(layer);
    memory(layers, states, layer, config).forEach((values, i) => {
      graph.op('Identity', [values], { outputs: [outputs[i]] });
      graph.output(outputs[i], 'f32', memoryShapes(C / H, H)[i]);
    });
  }
  graph.write(path);
}

/** The decoder that takes what the graph of `writeMemory` gives, instead of the encoder's states. */
export function writeRememberingDecoder(path, config, weights, read) {
  const { n_embd: C, n_head: H, n_layer } = config.decoder;
  const graph = new OnnxWriter();
  const layers = decoderLayers(graph, weights, read);
  const shapes = memoryShapes(C / H, H);
  const memories = Array.from({ length: n_layer }, (_, layer) =>
    memoryNames(layer).map((name, i) => graph.input(name, 'f32', shapes[i])),
  );
  writeDecoderWith(path, config, layers, (layer) => memories[layer]);
}

const decoderLayers = (graph, weights, read) =>
  new OnnxLayers(graph, weights, (name) => read(`decoder.transformer.${name}`));

const statesInput = (graph, { decoder }) =>
  graph.input('encoder_hidden_states', 'f32', ['batch_size', 'states', decoder.n_embd]);

const memoryNames = (layer) => [`memory.${layer}.key`, `memory.${layer}.value`];

const memoryShapes = (D, H) => [
  ['batch_size', H, D, 'states'],
  ['batch_size', H, 'states', D],
];

function memory(layers, states, layer, { decoder: { n_embd: C, n_head: H } }) {
  const both = layers.conv1d(states, `h.${layer}.crossattention.c_attn`, C, 2 * C);
  const [k, v] = layers.split(both, C, C);
  return [layers.heads(k, H, C / H, [0, 2, 3, 1]), layers.heads(v, H, C / H)];
}

function writeDecoderWith(path, { decoder }, layers, memoryOf) {
  const { n_embd: C, n_head: H, n_layer, n_positions, vocab_size: V, layer_norm_epsilon: epsilon } = decoder;
  const D = C / H;
  const { graph } = layers;
  const ids = graph.input('input_ids', 'i64', ['batch_size', 'sequence']);
  const past = layers.pastInputs(n_layer, H, D);
  const before = layers.sizeOf(past[0][0], 2);
  const { now, later } = layers.positions(before, layers.add(before, layers.sizeOf(ids, 1)));
  const hidden = layers.hiddenWhere(later);

  const words = layers.embedding('wte.weight', V, C);
  const places = graph.constant('f32', [n_positions, C], layers.read('wpe.weight'));
  let x = layers.add(words.lookup(ids), graph.op('Gather', [places, now]));
  for (let layer = 0; layer < n_layer; layer++) {
    const name = `h.${layer}`;
    const cross = (rows) => {
      const normed = layers.norm(rows, `${name}.ln_cross_attn`, epsilon);
      const q = layers.heads(layers.conv1d(normed, `${name}.crossattention.q_attn`, C, C), H, D);
      const mixed = layers.attend(q, ...memoryOf(layer), H, D);
      return layers.conv1d(mixed, `${name}.crossattention.c_proj`, C, C);
    };
    x = layers.decoderBlock(x, name, layer, { C, H, epsilon, past: past[layer], hidden, cross });
  }
  layers.lastLogits(x, 'ln_f', epsilon, words, V);
  graph.write(path);
}
