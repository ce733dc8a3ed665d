const BUILDS = ['simd', 'relaxed'];
const HOSTS = ['node', 'chromium'];

/**
 * The peers. transformers.js computes keys and values of the encoder's states for every token; on onnxruntime the
 * bench computes them once an image.
 */
const PEERS = [
  { engine: 'transformers.js', module: 'captions_transformers_node', host: 'node', isNative: true },
  { engine: 'onnxruntime-node', module: 'captions_onnxruntime_node', host: 'node', isNative: true },
  { engine: 'transformers.js', module: 'captions_transformers_page', host: 'chromium' },
  { engine: 'onnxruntime-web', module: 'captions_onnxruntime_page', host: 'chromium' },
];

/** Their packages. */
export const PACKAGES = ['@huggingface/transformers', 'onnxruntime-node', 'onnxruntime-web'];

export const FORMATS = ['f32', 'q8'];

/** Runs of one weight format and number of threads, gpt2-wasm's first. */
export function runsOf(weights, threads) {
  const own = HOSTS.flatMap((host) =>
    BUILDS.map((build) => ({ engine: 'gpt2-wasm', build, host, module: `captions_gpt2_wasm_${PAGE[host]}` })),
  );
  return [...own, ...PEERS].map((run) => ({ ...run, weights, threads }));
}

const PAGE = { node: 'node', chromium: 'page' };

export function label({ engine, build, host, weights, threads }) {
  return [engine, build, host, weights, `${threads} thread${threads === 1 ? '' : 's'}`]
    .filter(Boolean)
    .join(', ');
}
