import { GGUF_WEIGHTS } from '../models/files.mjs';

export const FORMATS = ['f32', 'q8', 'q4'];
const BUILDS = ['simd', 'relaxed'];
const THREADS = [1, 2];
const HOSTS = ['node', 'chromium'];

/** Weight format x build of gpt2-wasm. */
export const WASM_RUNS = FORMATS.flatMap((weights) => BUILDS.map((build) => ({ build, weights })));

/**
 * The peers: `module` in lib/engines/, `host` that runs it, `file` it reads. llama.cpp's JavaScript side gets one
 * thread of libuv's pool, as a second one takes time from its own.
 */
const PEERS = [
  { engine: 'llama.cpp (node-llama-cpp)', module: 'llama_cpp', host: 'node', file: 'gguf' },
  { engine: 'onnxruntime-node', module: 'onnxruntime_node', host: 'node', file: 'onnx' },
  { engine: 'onnxruntime-web', module: 'onnxruntime_page', host: 'chromium', file: 'onnx' },
  { engine: 'transformers.js', module: 'transformers_page', host: 'chromium', file: 'folder' },
  { engine: 'wllama 2.4', module: 'wllama_2_page', host: 'chromium', file: 'gguf' },
  { engine: 'wllama 3.8', module: 'wllama_3_page', host: 'chromium', file: 'gguf' },
];
/** Their packages. */
export const PACKAGES = [
  ...['node-llama-cpp', 'onnxruntime-node', 'onnxruntime-web', '@huggingface/transformers'],
  ...['wllama-2', '@wllama/wllama'],
];
export const ENV = { llama_cpp: { UV_THREADPOOL_SIZE: '1' } };
const NATIVE = ['llama_cpp', 'onnxruntime_node'];

/** All runs on one weight format, gpt2-wasm's first. `stored` names the format of the file that is read. */
export function runsOf(weights) {
  const wasm = WASM_RUNS.filter((run) => run.weights === weights).flatMap(({ build }) =>
    HOSTS.flatMap((host) =>
      THREADS.map((threads) => ({
        ...{ engine: 'gpt2-wasm', build, host, threads, weights, stored: weights, file: 'folder' },
        module: host === 'node' ? 'gpt2_wasm_node' : 'gpt2_wasm_page',
      })),
    ),
  );
  const peers = PEERS.flatMap((peer) =>
    THREADS.map((threads) => ({
      ...{ ...peer, threads, weights, env: ENV[peer.module], isNative: NATIVE.includes(peer.module) },
      stored: peer.file === 'gguf' ? GGUF_WEIGHTS[weights] : weights,
    })),
  );
  return [...wasm, ...peers];
}

export function label({ engine, build, host, threads, stored }) {
  return [engine, build, host, stored, `${threads} thread${threads === 1 ? '' : 's'}`]
    .filter(Boolean)
    .join(', ');
}
