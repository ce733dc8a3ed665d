import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serveFiles } from '../../../support/file_server.ts';
import { APP, FEW, MODELS } from './app.mjs';
import { launch, storyOf } from './browsers.mjs';

const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";

/** Bundlers, each of which bundles a page of the app into a folder. */
const BUNDLERS = {
  async vite(out) {
    const { build, version } = await import('vite');
    writePage(APP, '/page.mjs');
    await build({ root: APP, logLevel: 'error', build: { outDir: out, emptyOutDir: true } });
    return version;
  },

  async webpack(out) {
    const { default: webpack } = await import('webpack');
    writePage(out, '/main.js');
    const config = { mode: 'production', context: APP, entry: './page.mjs', output: { path: out } };
    await new Promise((resolve, reject) => {
      webpack(config, (error, stats) => {
        if (error || stats.hasErrors()) reject(error ?? new Error(stats.toString('errors-only')));
        else resolve();
      });
    });
    return webpack.version;
  },

  async esbuild(out) {
    const { build, version } = await import('esbuild');
    writePage(out, '/page_with_module.js');
    await build({
      entryPoints: ['page_with_module.mjs', 'model_worker.mjs'].map((name) => join(APP, name)),
      outdir: out,
      bundle: true,
      format: 'esm',
      platform: 'browser',
      logLevel: 'error',
      // Files imported by name get an address. The page passes those that the package cannot find itself.
      loader: { '.wasm': 'file' },
      publicPath: '/',
    });
    return version;
  },

  async rollup(out) {
    const { rollup, VERSION } = await import('rollup');
    const { nodeResolve } = await import('@rollup/plugin-node-resolve');
    writePage(out, '/page_with_module.js');
    const bundle = await rollup({
      input: ['page_with_module.mjs', 'model_worker.mjs'].map((name) => join(APP, name)),
      plugins: [wasmAddresses(), nodeResolve({ browser: true })],
    });
    await bundle.write({ dir: out, format: 'es' });
    return VERSION;
  },
};

/** Builds a page with each bundler, from the installed package, and runs it in Chromium. */
export async function runBundlers(report) {
  const browser = await launch('Chromium');
  if (browser === undefined) return;
  for (const [runtime, bundle] of Object.entries(BUNDLERS)) {
    const out = join(APP, 'bundled', runtime);
    mkdirSync(out, { recursive: true });
    let version;
    try {
      version = await bundle(out);
    } catch (error) {
      await report({ runtime, problem: `failed: ${error.message}` });
      continue;
    }
    cpSync(MODELS, join(out, 'models'), { recursive: true });
    const server = await serveFiles(out, { headers: { 'content-security-policy': POLICY } });
    for (const where of ['page', 'worker']) {
      const only = where === 'page' ? undefined : FEW;
      await report({ runtime, version, where: `${where} in Chromium`, build: 'simd', only }, (input) => {
        const source = '/models/stories/stories.gguf';
        const told = { build: 'simd', threads: 1, where, source, input };
        return storyOf(browser, `${server.url}/index.html`, told);
      });
    }
    await server.close();
  }
  await browser.close();
}

function writePage(folder, script) {
  const html = `<!doctype html><title>story</title><script type="module" src="${script}"></script>`;
  writeFileSync(join(folder, 'index.html'), html);
}

/** A plugin of rollup that gives the address of an imported .wasm file. */
function wasmAddresses() {
  return {
    name: 'wasm-addresses',
    load(id) {
      if (!id.endsWith('.wasm')) return null;
      const file = this.emitFile({ type: 'asset', name: id.split('/').at(-1), source: readFileSync(id) });
      return `export default import.meta.ROLLUP_FILE_URL_${file};`;
    },
  };
}
