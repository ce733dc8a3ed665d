import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';
import { noteFiles, thirdParty } from './scripts/third_party.mjs';

// tsc has written JavaScript to build/js and types to build/types; this makes the modules that are shipped.
// The AssemblyScript loader is taken in, and what the playground alone needs; the packages of the command line and of
// the hub stay imports.
export default [
  {
    input: {
      ...entries('node'),
      node_thread: 'build/js/src/thread_node.js',
      cli: 'build/js/src/cli/main.js',
    },
    output: { dir: 'build/esm', format: 'es', chunkFileNames: '[name].js' },
    external: [/^node:/, '@huggingface/hub', 'commander', 'cli-progress'],
    plugins: [packages(), thirdParty()],
  },
  {
    input: {
      ...entries('web'),
      browser_thread: 'build/js/src/thread_web.js',
      playground: 'build/js/src/playground/page.js',
      playground_trainer: 'build/js/src/playground/teach/worker.js',
    },
    output: {
      dir: 'build/web',
      format: 'es',
      chunkFileNames: '[name].js',
      manualChunks: chunkOf,
      freeze: false,
    },
    plugins: [webPlatform(), packages(), small(), thirdParty()],
    onLog(level, log, note) {
      // The order in which two such chunks run depends on who imports them: a class may be extended before it is there.
      if (log.code === 'CIRCULAR_CHUNK') throw new Error(log.message);
      note(level, log);
    },
  },
  {
    input: 'build/js/src/playground/service_worker.js',
    output: { file: 'build/playground/service_worker.js', format: 'iife' },
    plugins: [small(), versioned()],
  },
];

function entries(platform) {
  return {
    index: 'build/js/src/index.js',
    worker: 'build/js/src/worker.js',
    train: 'build/js/src/train.js',
    examine: 'build/js/src/examine.js',
    vision: 'build/js/src/vision.js',
    server: 'build/js/src/server.js',
    model_worker: `build/js/src/model_worker_${platform}.js`,
  };
}

/** Puts each `platform_web.ts` in the place of the `platform.ts` beside it, and with it all that imports Node's modules. */
function webPlatform() {
  return {
    name: 'web-platform',
    resolveId: (source, importer) =>
      source.endsWith('/platform.js') && importer !== undefined
        ? resolve(dirname(importer), source.replace(/platform\.js$/, 'platform_web.js'))
        : null,
  };
}

const TAKEN_IN = [
  ...['@assemblyscript/loader', '@eslint-community/regexpp', 'fflate/browser', 'idb-keyval'],
  ...['@hono/node-server', 'hono', 'hono/body-limit', 'hono/cors', 'hono/ws', 'valibot'],
  ...['@huggingface/jinja', 'hyparquet/src/index.js', 'hyparquet/src/column.js', 'hyparquet/src/datapage.js'],
  ...['hyparquet/src/delta.js', 'hyparquet/src/schema.js', 'hyparquet/src/thrift.js'],
];
/** The schemas of JSON schemas, of the package ajv. */
const METASCHEMA = /^ajv\/dist\/refs\/.*\.json$/;
/** Packages whose form for Node is CommonJS, which rollup does not read, and what is used of each. */
const COMMON_JS = {
  obscenity: 'englishDataset, englishRecommendedTransformers, RegExpMatcher',
  yaml: 'isScalar, Lexer, parseDocument, visit',
};
/** The drawing code of an example, which the playground uses too: tsc does not copy JavaScript to build/js. */
const EXAMPLE = '/examples/captions/examples.js';
/** The loader's polyfill of a function that every runtime has: where built-in objects are frozen, it cannot be assigned. */
const POLYFILL = /^Object\.hasOwn = Object\.hasOwn \|\| [\s\S]*?^\};\n/m;

/** The loader's decoder of strings, which the core lacks: without the mark it stays, though nothing uses it. */
const DECODER = /new TextDecoder\(/g;

/** Finds the packages that are taken in, in the forms that they have for pages. */
function packages() {
  return {
    name: 'packages',
    resolveId(source) {
      if (source in COMMON_JS) return source;
      if (source.endsWith(EXAMPLE)) return resolve(`.${EXAMPLE}`);
      const isTaken = TAKEN_IN.includes(source) || METASCHEMA.test(source);
      return isTaken ? fileURLToPath(import.meta.resolve(source)) : null;
    },
    async load(id) {
      if (!(id in COMMON_JS)) return null;
      const stdin = {
        resolveDir: dirname(fileURLToPath(import.meta.url)),
        contents: `export { ${COMMON_JS[id]} } from '${id}';`,
      };
      const options = { stdin, bundle: true, format: 'esm', write: false, metafile: true };
      const { outputFiles, metafile } = await build(options);
      noteFiles(Object.keys(metafile.inputs));
      return outputFiles[0].text;
    },
    transform(code, id) {
      if (id.endsWith('.json')) return `export default ${JSON.stringify(JSON.parse(code))};`;
      if (!id.includes('@assemblyscript/loader')) return null;
      return code.replace(POLYFILL, '').replace(DECODER, '/*#__PURE__*/ new TextDecoder(');
    },
  };
}

/**
 * What a page's modules share, in as few files as their users allow, since each is compressed by itself: `common` is
 * also what a page loads that runs its models in a worker, `worker_model` what it has beyond that, `core` what a thread
 * loads, `model` the rest of a model, with what reads files over HTTP. What reads the model itself comes when it is
 * needed: `safetensors` or `gguf`, with `decode`, which adapters use too, and `given_source` for files and objects that
 * read. `core` imports none of the others: `common` starts workers, and Vite refuses a worker whose modules start it
 * again.
 * Nothing that a worker's model does not call may load modules on demand in `model`, or in the chunk of `examine` that
 * operations share: where Vite makes a worker one script, as it does by default, its bundler may fail at such an import
 * (`npm run matrix -- bundlers` shows it).
 */
const CHUNKS = {
  common:
    /js\/src\/(base\/(errors|failure|cancellation|queue|resource|timers|next_task|finalization|started_early|realms|id_list|check_options|option_aliases)|model\/(load_options|model_json|remote_models|base_model)|score\/texts|host\/(platform_web|web_threads|web_binary)|files\/(platform_web|source|source_options|wanted_files|http\/open_http|hub\/.*)|generate\/(prompt|prefixed_prompt|options|option_checks|refuse_inputs|resolve_options|resolved_options|token_stream|speculation\/draft_models))\.js$/,
  no_folders: /js\/src\/files\/no_folders\.js$/,
  core: /js\/src\/core\/(abi\/(exports|job|struct|tuning)|threads\/protocol)\.js$|@assemblyscript\/loader/,
  worker_model:
    /js\/src\/(worker\/(worker_model|worker_session|remote_tokens|connection|new_worker|cancellable|wire_source)|host\/(workers\/platform_web|web_model_worker|web_worker_port|web_lent_threads))\.js$/,
  model:
    /js\/assembly\/abi\.js$|js\/src\/(architecture\/gpt2\/(config_values|parameters)|checkpoints\/(match|registry|usual_formats|open_checkpoint|gguf\/(format|magic)|huggingface\/(format|file_names))|core\/binary|dtypes\/(tensor_types|weight_formats)|files\/(json_object|limits|read|http\/(cached_files|file_cache|http_source|remote_file|stored_file|request|retries|connection|download|response))|checkpoints\/search|generate\/apart|model\/(convert_model|load_model)|tokenizer\/(texts|tokenizer|bpe\/plain_bpe|files\/(parts|steps)))\.js$/,
  safetensors:
    /js\/src\/(architecture\/gpt2\/config|checkpoints\/(search_model|huggingface\/(generation_config|match_gpt2|names|open)|safetensors\/(read|number_formats))|files\/(quick_json|read_json)|tokenizer\/(models|bpe\/definition|files\/(file_names|load)))\.js$/,
  gguf: /js\/src\/checkpoints\/gguf\/(reader|open|config|cursor|default_weights|header|listed_texts|metadata|names|string_list|tokenizer)\.js$/,
  given_source:
    /js\/src\/(base\/(bytes|is_promise)|files\/(given_source|model_files|blob_source|checked_source))\.js$/,
  decode: /js\/src\/dtypes\/(decode|dequantize|from_half)\.js$/,
};

function chunkOf(id) {
  return Object.keys(CHUNKS).find((name) => CHUNKS[name].test(id));
}

/**
 * Numbers the private names of a module. Terser gives each name in a chunk another short one; names that all modules
 * share compress better.
 */
function numberPrivateNames(code) {
  const uses = new Map();
  for (const [, name] of code.matchAll(/\.#(\w+)/g)) uses.set(name, (uses.get(name) ?? 0) + 1);
  const names = [...uses.keys()].sort((a, b) => uses.get(b) - uses.get(a));
  return code.replace(/(?<=[.\s(*])#(\w+)/g, (found, name) =>
    uses.has(name) ? `#p${names.indexOf(name)}` : found,
  );
}

/**
 * Ends the service worker with a digest of the page's modules, which are written before it: a browser installs a service
 * worker again that has changed, and stores all files of the new version.
 */
function versioned() {
  return {
    name: 'versioned',
    renderChunk(code) {
      const hash = createHash('sha256');
      for (const name of readdirSync('build/web').sort()) hash.update(readFileSync(`build/web/${name}`));
      return `${code}\n// ${hash.digest('hex')}\n`;
    },
  };
}

/** These modules are downloaded, so that names and spaces cost. */
function small() {
  return {
    name: 'terser',
    transform: numberPrivateNames,
    renderChunk: (code) =>
      minify(code, {
        module: true,
        ecma: 2022,
        // What is shorter may compress worse: statements joined by commas, constants on the left of a comparison.
        compress: {
          passes: 3,
          sequences: false,
          hoist_vars: true,
          lhs_constants: false,
          pure_getters: true,
          unsafe_arrows: true,
        },
      }),
  };
}
