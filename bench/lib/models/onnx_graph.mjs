import { MATRICES } from './onnx_matrices.mjs';
import { OnnxWriter } from './onnx_writer.mjs';
import { CONTEXT, SHAPES, VOCABULARY } from './shapes.mjs';

const EPSILON = 1e-5;
/** Added to the score of a hidden position before the softmax. */
const HIDDEN = -1e9;

/**
 * Writes GPT-2 as an ONNX file with the inputs and outputs that optimum and transformers.js give such models
 * (`past_key_values.N.key`, `present.N.key`, ...). `read(name)` gives a tensor's numbers. Logits are those of the
 * last position only, which spares the peer the product of every other position with the head.
 */
export function writeOnnx(path, size, weights, read) {
  const { n_embd: C, n_layer, n_head: H } = SHAPES[size];
  const D = C / H;
  const { linear, embedding } = MATRICES[weights];
  const graph = new OnnxWriter();
  const vector = (name) => graph.constant('f32', [C], read(name));
  const norm = (x, name) =>
    graph.op('LayerNormalization', [x, vector(`${name}.weight`), vector(`${name}.bias`)], {
      attributes: { axis: -1, epsilon: { float: EPSILON } },
    });
  const matrix = (x, name, K, N) => linear(graph, x, read(`${name}.weight`), K, N, read(`${name}.bias`));
  const transpose = (x, ...perm) => graph.op('Transpose', [x], { attributes: { perm } });
  const reshape = (x, ...shape) => graph.op('Reshape', [x, graph.integers(...shape)]);

  const ids = graph.input('input_ids', 'i64', ['batch', 'sequence']);
  const attended = graph.input('attention_mask', 'i64', ['batch', 'total']);
  const positions = graph.input('position_ids', 'i64', ['batch', 'sequence']);
  const cache = Array.from({ length: n_layer }, (_, layer) =>
    ['key', 'value'].map((kind) =>
      graph.input(`past_key_values.${layer}.${kind}`, 'f32', ['batch', H, 'past', D]),
    ),
  );

  const hidden = hiddenPositions(graph, ids, attended);
  const words = embedding(graph, read('wte.weight'), VOCABULARY, C);
  const places = graph.constant('f32', [CONTEXT, C], read('wpe.weight'));
  let x = graph.op('Add', [words.lookup(ids), graph.op('Gather', [places, positions])]);
  for (let layer = 0; layer < n_layer; layer++) {
    const name = `h.${layer}`;
    const qkv = matrix(norm(x, `${name}.ln_1`), `${name}.attn.c_attn`, C, 3 * C);
    const [q, k, v] = graph
      .node('Split', [qkv, graph.integers(C, C, C)], { attributes: { axis: 2 }, outputs: 3 })
      .map((part) => transpose(reshape(part, 0, 0, H, D), 0, 2, 1, 3));
    const [keys, values] = [k, v].map((now, i) =>
      graph.op('Concat', [cache[layer][i], now], {
        attributes: { axis: 2 },
        outputs: [`present.${layer}.${['key', 'value'][i]}`],
      }),
    );
    const scores = graph.op('MatMul', [
      graph.op('Mul', [q, graph.scalar(1 / Math.sqrt(D))]),
      transpose(keys, 0, 1, 3, 2),
    ]);
    const shares = graph.op('Softmax', [graph.op('Add', [scores, hidden])], { attributes: { axis: -1 } });
    const mixed = reshape(transpose(graph.op('MatMul', [shares, values]), 0, 2, 1, 3), 0, 0, C);
    x = graph.op('Add', [x, matrix(mixed, `${name}.attn.c_proj`, C, C)]);
    const inner = matrix(norm(x, `${name}.ln_2`), `${name}.mlp.c_fc`, C, 4 * C);
    const active = graph.op('FastGelu', [inner], { domain: 'com.microsoft' });
    x = graph.op('Add', [x, matrix(active, `${name}.mlp.c_proj`, 4 * C, C)]);
    for (const kind of ['key', 'value']) {
      graph.output(`present.${layer}.${kind}`, 'f32', ['batch', H, 'total', D]);
    }
  }
  const last = graph.op('Gather', [x, graph.constant('i64', [], BigInt64Array.of(-1n))], {
    attributes: { axis: 1 },
  });
  const logits = words.head(norm(last, 'ln_f'));
  graph.op('Unsqueeze', [logits, graph.integers(1)], { outputs: ['logits'] });
  graph.output('logits', 'f32', ['batch', 1, VOCABULARY]);
  graph.write(path);
}

/** 0 for visible positions, `HIDDEN` for others: [batch, 1, sequence, total]. */
function hiddenPositions(graph, ids, attended) {
  const sizeOf = (x, axis) =>
    graph.op('Gather', [graph.op('Shape', [x]), graph.constant('i64', [], BigInt64Array.of(BigInt(axis)))]);
  const [zero, one] = [0n, 1n].map((value) => graph.constant('i64', [], BigInt64Array.of(value)));
  const total = sizeOf(attended, 1);
  const past = graph.op('Sub', [total, sizeOf(ids, 1)]);
  const keys = graph.op('Range', [zero, total, one]);
  const queries = graph.op('Unsqueeze', [graph.op('Range', [past, total, one]), graph.integers(1)]);
  const later = graph.op('Greater', [keys, queries]);
  const masked = graph.op('Equal', [graph.op('Unsqueeze', [attended, graph.integers(1, 2)]), zero]);
  return graph.op('Where', [graph.op('Or', [later, masked]), graph.scalar(HIDDEN), graph.scalar(0)]);
}
