import { decodeWeights, layerWeights } from '../models/shapes.mjs';

const SIZE = '124M';
/** Bytes of a weight with its share of the scale. */
const BYTES_PER_WEIGHT = { f32: 4, q8: 34 / 32, q4: 18 / 32 };
/** Numbers of one sequence's keys and values: layers, context, channels. */
const CACHE_BYTES = 2 * 4 * 12 * 1024 * 768;

/**
 * Each target with the number that was measured: `outcome` is 'reached', 'missed', or 'not measured' where a row
 * that it needs is not there. Speeds are medians; of gpt2-wasm's builds, the faster one counts.
 */
export function targets({ rows, limits, loads }) {
  const speed = (query) => {
    const speeds = rows.filter((row) => row.failure === undefined && matches(row, query)).map((row) => row);
    return (kind) => (speeds.length === 0 ? undefined : Math.max(...speeds.map((row) => row[kind].median)));
  };
  const decode = (query) => speed(query)('decodeTokensPerSecond');
  const prompt = (query) => speed(query)('promptTokensPerSecond');
  const ours = (weights, threads, host = 'node') => ({ engine: 'gpt2-wasm', weights, threads, host });
  const peer = (module, weights, threads) => ({ module, weights, threads });
  const bestWllama = (weights, threads) =>
    greatest(
      decode(peer('wllama_2_page', weights, threads)),
      decode(peer('wllama_3_page', weights, threads)),
    );
  const list = [];
  const ratio = (name, value, reference, least) => list.push(judge(name, divide(value, reference), least));

  for (const weights of ['q8', 'q4']) {
    for (const threads of [1, 2]) {
      const name = `decode ${weights}, ${plural(threads)}: x llama.cpp native`;
      ratio(name, decode(ours(weights, threads)), decode(peer('llama_cpp', weights, threads)), 1);
    }
  }
  const onnxDecode = (weights) => decode(peer('onnxruntime_page', weights, 1));
  ratio('decode q8, 1 thread: x onnxruntime-web', decode(ours('q8', 1, 'chromium')), onnxDecode('q8'), 4);
  ratio(
    'decode f32, 1 thread: x onnxruntime-web',
    decode(ours('f32', 1, 'chromium')),
    onnxDecode('f32'),
    1.2,
  );
  ratio('decode q4, 1 thread: x wllama', decode(ours('q4', 1, 'chromium')), bestWllama('q4', 1), 7);
  for (const [weights, least] of Object.entries({ f32: 0.9, q8: 0.75, q4: 0.6 })) {
    const bytes = scaled(decode(ours(weights, 1)), (BYTES_PER_WEIGHT[weights] * decodeWeights(SIZE)) / 1e9);
    ratio(`decode ${weights}, 1 thread: share of read bandwidth`, bytes, limits[1].read.median, least);
    ratio(`decode ${weights}: 2 threads x 1 thread`, decode(ours(weights, 2)), decode(ours(weights, 1)), 1.5);
    ratio(`prompt ${weights}: 2 threads x 1 thread`, prompt(ours(weights, 2)), prompt(ours(weights, 1)), 1.8);
  }
  for (const threads of [1, 2]) {
    const llama = prompt(peer('llama_cpp', 'q8', threads));
    ratio(`prompt q8, ${plural(threads)}: x llama.cpp native`, prompt(ours('q8', threads)), llama, 0.8);
    const onnx = prompt(peer('onnxruntime_page', 'q8', threads));
    const page = prompt(ours('q8', threads, 'chromium'));
    ratio(`prompt q8, ${plural(threads)}: x onnxruntime-web`, page, onnx, 1.5);
  }
  const flops = scaled(prompt(ours('f32', 1)), (2 * layerWeights(SIZE)) / 1e9);
  ratio('prompt f32, 1 thread: share of multiply-add peak', flops, limits[1].multiplyAdd.median, 0.9);

  const most = (name, value, limit, unit) => list.push(judgeMost(name, value, limit, unit));
  most('load F32 safetensors to q8', scaled(loads.safetensors?.median, 0.001), 1, 's');
  most('load q8 GGUF', scaled(loads.gguf?.median, 0.001), 0.3, 's');
  for (const [weights, megabytes] of Object.entries({ q8: 145, q4: 85 })) {
    const row = rows.find(({ runtime, ...run }) => runtime !== undefined && matches(run, ours(weights, 1)));
    const bytes = row === undefined ? undefined : row.runtime.memoryBytes - CACHE_BYTES;
    most(`memory of ${weights} without its cache`, scaled(bytes, 1e-6), megabytes, 'MB');
  }
  const downloads = rows.filter((row) => row.engine === 'gpt2-wasm').map((row) => row.downloads?.bytes);
  most('runtime a browser downloads', scaled(greatest(...downloads), 1e-3), 60, 'KB gzip');
  return list;
}

const matches = (row, query) => Object.entries(query).every(([key, value]) => row[key] === value);
const plural = (threads) => (threads === 1 ? '1 thread' : `${threads} threads`);
const divide = (a, b) => (a === undefined || b === undefined ? undefined : a / b);
const scaled = (value, factor) => (value === undefined ? undefined : value * factor);

function greatest(...values) {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function judge(name, value, least) {
  const outcome = value === undefined ? 'not measured' : value >= least ? 'reached' : 'missed';
  return { name, wanted: `at least ${least}`, measured: value?.toFixed(2) ?? '', value, outcome };
}

function judgeMost(name, value, limit, unit) {
  const outcome = value === undefined ? 'not measured' : value <= limit ? 'reached' : 'missed';
  const measured = value === undefined ? '' : `${value.toFixed(2)} ${unit}`;
  return { name, wanted: `at most ${limit} ${unit}`, measured, value, outcome };
}
