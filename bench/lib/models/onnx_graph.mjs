import { OnnxLayers } from './onnx_layers.mjs';
import { OnnxWriter } from './onnx_writer.mjs';
import { CONTEXT, SHAPES, VOCABULARY } from './shapes.mjs';

const EPSILON = 1e-5;

/**
 * Writes GPT-2 as an ONNX file with the inputs and outputs that optimum and transformers.js give such models
 * (`past_key_values.N.key`, `present.N.key`, ...). `read(name)` gives a tensor's numbers. Logits are those of the
 * last position only, which spares the peer the product of every other position with the head.
 */
export function writeOnnx(path, size, weights, read) {
  const { n_embd: C, n_layer, n_head: H } = SHAPES[size];
  const graph = new OnnxWriter();
  const layers = new OnnxLayers(graph, weights, read);

  const ids = graph.input('input_ids', 'i64', ['batch_size', 'sequence']);
  const attended = graph.input('attention_mask', 'i64', ['batch_size', 'total']);
  const positions = graph.input('position_ids', 'i64', ['batch_size', 'sequence']);
  const past = layers.pastInputs(n_layer, H, C / H);

  const total = layers.sizeOf(attended, 1);
  const { later } = layers.positions(graph.op('Sub', [total, layers.sizeOf(ids, 1)]), total);
  const masked = layers.isZero(graph.op('Unsqueeze', [attended, graph.integers(1, 2)]));
  const hidden = layers.hiddenWhere(graph.op('Or', [later, masked]));

  const words = layers.embedding('wte.weight', VOCABULARY, C);
  const places = graph.constant('f32', [CONTEXT, C], read('wpe.weight'));
  let x = layers.add(words.lookup(ids), graph.op('Gather', [places, positions]));
  for (let layer = 0; layer < n_layer; layer++) {
    x = layers.decoderBlock(x, `h.${layer}`, layer, { C, H, epsilon: EPSILON, past: past[layer], hidden });
  }
  layers.lastLogits(x, 'ln_f', EPSILON, words, VOCABULARY);
  graph.write(path);
}
