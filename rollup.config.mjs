import { fileURLToPath } from 'node:url';
import { minify } from 'terser';

// tsc has written JavaScript to build/js and types to build/types; this makes the modules that are shipped.
// The AssemblyScript loader is taken in, and what the playground alone needs; the packages of the command line and of
// the hub stay imports.
export default [
  {
    input: { ...entries('node'), node_thread: 'build/js/node/thread_main.js', cli: 'build/js/cli/main.js' },
    output: { dir: 'build/esm', format: 'es', chunkFileNames: '[name].js' },
    external: [/^node:/, '@huggingface/hub', 'commander', 'cli-progress'],
    plugins: [packages()],
  },
  {
    input: {
      ...entries('browser'),
      browser_thread: 'build/js/browser/thread_main.js',
      playground: 'build/js/playground/page.js',
      playground_trainer: 'build/js/playground/teach/worker.js',
    },
    output: { dir: 'build/web', format: 'es', chunkFileNames: '[name].js', manualChunks: chunkOf },
    plugins: [browserPlatform(), packages(), small()],
  },
  {
    input: 'build/js/playground/service_worker.js',
    output: { file: 'build/playground/service_worker.js', format: 'iife' },
    plugins: [small()],
  },
];

function entries(platform) {
  return {
    index: 'build/js/index.js',
    worker: 'build/js/worker.js',
    train: 'build/js/train/index.js',
    model_worker: `build/js/${platform}/model_worker.js`,
  };
}

/** Puts src/browser/platform.ts in the place of src/platform.ts, and with it all of src/node. */
function browserPlatform() {
  return {
    name: 'browser-platform',
    resolveId: (source, importer) =>
      source.endsWith('/platform.js') && importer !== undefined
        ? fileURLToPath(new URL('build/js/browser/platform.js', import.meta.url))
        : null,
  };
}

const TAKEN_IN = ['@assemblyscript/loader', 'fflate/browser', 'idb-keyval'];
/** The loader's polyfill of a function that every runtime has: where built-in objects are frozen, it cannot be assigned. */
const POLYFILL = /^Object\.hasOwn = Object\.hasOwn \|\| [\s\S]*?^\};\n/m;

/** Finds the packages that are taken in, in the forms that they have for pages. */
function packages() {
  return {
    name: 'packages',
    resolveId: (source) => (TAKEN_IN.includes(source) ? fileURLToPath(import.meta.resolve(source)) : null),
    transform: (code, id) => (id.includes('@assemblyscript/loader') ? code.replace(POLYFILL, '') : null),
  };
}

/**
 * What a page's modules share, in as few files as their users allow, since each is compressed by itself: `common` is
 * also what a page loads that runs its models in a worker, `worker_model` what it has beyond that, `core` what a thread
 * loads, `model` the rest of a model. What reads the model comes when it is needed: `http`, and `safetensors` or `gguf`,
 * with `decode`, which adapters use too. `core` imports none of the others: `common` starts workers, and Vite refuses a
 * worker whose modules start it again.
 * Nothing that a worker's model does not call may load modules on demand in `model`: where Vite makes a worker one script,
 * as it does by default, its bundler fails at such an import.
 */
const CHUNKS = {
  common:
    /js\/(errors|cancellation|queue|resource|timers|next_task|forgotten|started_early|bytes|id_list|check_options|option_aliases|model_facts|model_files|adapters\/choice|score\/texts|browser\/(platform|threads|binary_response)|http\/open_http|hub\/.*|weights\/source|generate\/(prompt|options|token_stream))\.js$/,
  http: /js\/http\/(http_source|remote_file|stored_file|request|retries|body|answers)\.js$/,
  no_folders: /js\/browser\/no_folders\.js$/,
  core: /js\/core\/(exports|job|tuning|threads\/protocol)\.js$|@assemblyscript\/loader/,
  worker_model: /js\/worker\/(worker_model|worker_session|remote_tokens|connection)\.js$/,
  model:
    /js\/(config_values|load_model|core\/binary|http\/(cached_files|file_cache)|tokenizer\/(parts|plain_bpe|steps|texts|tokenizer)|weights\/(file_names|json_object|limits|slots|gguf\/types))\.js$/,
  safetensors:
    /js\/(config|generation_config|tokenizer\/(definition|load)|weights\/(json|names|read_json|safetensors|safetensors_checkpoint|stored_weight))\.js$/,
  gguf: /js\/weights\/gguf\/(reader|checkpoint|config|cursor|default_weights|fits|header|listed_texts|metadata|names|string_list|tokenizer)\.js$/,
  decode: /js\/weights\/gguf\/(decode|dequantize)\.js$/,
};

function chunkOf(id) {
  return Object.keys(CHUNKS).find((name) => CHUNKS[name].test(id));
}

/** These modules are downloaded, so that names and spaces cost. */
function small() {
  return {
    name: 'terser',
    renderChunk: (code) =>
      minify(code, { module: true, ecma: 2022, compress: { passes: 3, pure_getters: true } }),
  };
}
