/**
 * How the graph multiplies with a matrix, by weight format. `linear(graph, x, W, K, N, bias)` gives x W + bias
 * for W [K, N]; `lookup` the rows `ids` of W [V, C]; `head` the products of x [1, C] with every row of W [V, C].
 */
export const MATRICES = {
  f32: {
    linear(graph, x, W, K, N, bias) {
      return addBias(graph, graph.op('MatMul', [x, graph.constant('f32', [K, N], W)]), N, bias);
    },
    /** The lookup and the head share one copy. */
    embedding(graph, W, V, C) {
      const rows = graph.constant('f32', [V, C], W);
      return {
        lookup: (ids) => graph.op('Gather', [rows, ids]),
        head: (x) => graph.op('Gemm', [x, rows], { attributes: { transB: 1 } }),
      };
    },
  },
  /** As onnxruntime's quantize_dynamic leaves it: activations to u8 at run time, a scale for each matrix. */
  q8: {
    linear: dynamicLinear,
    embedding: (graph, W, V, C) => ({
      lookup: byteLookup(graph, W, V, C),
      head: (x) => dynamicLinear(graph, x, transposed(W, V, C), C, V),
    }),
  },
  /** MatMulNBits with blocks of 32 and symmetric 4-bit weights, products in 8 bits; the lookup reads bytes. */
  q4: {
    linear: (graph, x, W, K, N, bias) => blockLinear(graph, x, transposed(W, K, N), K, N, bias),
    embedding: (graph, W, V, C) => ({
      lookup: byteLookup(graph, W, V, C),
      head: (x) => blockLinear(graph, x, W, C, V),
    }),
  },
};

const BLOCK = 32;

function addBias(graph, x, N, bias) {
  return bias === undefined ? x : graph.op('Add', [x, graph.constant('f32', [N], bias)]);
}

/** W [rows, columns] as [columns, rows]. */
export function transposed(W, rows, columns) {
  const result = new Float32Array(W.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = W[row * columns + column];
  }
  return result;
}

function bytesOf(W) {
  let largest = 0;
  for (let i = 0; i < W.length; i++) largest = Math.max(largest, Math.abs(W[i]));
  const scale = largest / 127;
  const bytes = new Int8Array(W.length);
  for (let i = 0; i < W.length; i++) bytes[i] = Math.round(W[i] / scale);
  return { scale, bytes };
}

function dynamicLinear(graph, x, W, K, N, bias) {
  const { scale, bytes } = bytesOf(W);
  const [quantized, xScale, xZero] = graph.node('DynamicQuantizeLinear', [x], { outputs: 3 });
  const weights = graph.constant('i8', [K, N], bytes);
  const zero = graph.constant('i8', [], Int8Array.of(0));
  const whole = graph.op('MatMulInteger', [quantized, weights, xZero, zero]);
  const product = graph.op('Cast', [whole], { attributes: { to: 1 } });
  const factor = graph.op('Mul', [xScale, graph.scalar(scale)]);
  return addBias(graph, graph.op('Mul', [product, factor]), N, bias);
}

function byteLookup(graph, W, V, C) {
  const { scale, bytes } = bytesOf(W);
  const rows = graph.constant('i8', [V, C], bytes);
  return (ids) => graph.op('DequantizeLinear', [graph.op('Gather', [rows, ids]), graph.scalar(scale)]);
}

/** `columns` is [N, K]: the weights of each output beside one another. */
function blockLinear(graph, x, columns, K, N, bias) {
  const blocks = columns.length / BLOCK;
  const scales = new Float32Array(blocks);
  const packed = new Uint8Array(columns.length / 2);
  for (let block = 0; block < blocks; block++) {
    const start = block * BLOCK;
    let largest = 0;
    for (let i = start; i < start + BLOCK; i++) {
      if (Math.abs(columns[i]) > Math.abs(largest)) largest = columns[i];
    }
    const scale = largest / -8;
    const level = (value) => Math.min(15, Math.round(value / (scale || 1)) + 8);
    scales[block] = scale;
    for (let i = start; i < start + BLOCK; i += 2) {
      packed[i / 2] = level(columns[i]) | (level(columns[i + 1]) << 4);
    }
  }
  const weights = graph.constant('u8', [N, K / BLOCK, BLOCK / 2], packed);
  const product = graph.op('MatMulNBits', [x, weights, graph.constant('f32', [blocks], scales)], {
    domain: 'com.microsoft',
    attributes: { K, N, bits: 4, block_size: BLOCK, accuracy_level: 4 },
  });
  return addBias(graph, product, N, bias);
}
