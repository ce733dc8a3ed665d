import { join } from 'node:path';
import { serveFiles } from '../../../support/file_server.ts';
import { APP, FEW, MODELS } from './app.mjs';

/** Files that workerd loads without bundling. */
const LOADERS = { '.wasm': 'copy', '.gguf': 'copy' };

/** Runs a worker of the project in Cloudflare's runtime, bundled with esbuild as its own tool does. */
export async function startEdge(entry, options = {}) {
  const { Miniflare } = await import('miniflare');
  const { build } = await import('esbuild');
  const folder = join(APP, 'edge');
  await build({
    entryPoints: [join(APP, entry)],
    outdir: folder,
    bundle: true,
    format: 'esm',
    external: ['cloudflare:workers'],
    conditions: ['workerd', 'worker', 'browser'],
    outExtension: { '.js': '.mjs' },
    loader: LOADERS,
  });
  return new Miniflare({
    modules: true,
    rootPath: folder,
    scriptPath: entry,
    modulesRules: [
      { type: 'ESModule', include: ['**/*.mjs'] },
      { type: 'CompiledWasm', include: ['**/*.wasm'] },
      { type: 'Data', include: ['**/*.gguf'] },
    ],
    compatibilityDate: '2025-01-01',
    ...options,
  });
}

/** Both builds in a worker. */
export async function runEdge(report) {
  const { version } = await import('workerd');
  const edge = await startEdge('edge.mjs');
  const server = await serveFiles(MODELS);
  try {
    for (const [where, source, only] of [
      ['worker', ''],
      ['from a URL', `&source=${server.url}/stories/stories.gguf`, FEW],
    ]) {
      for (const wish of ['simd', 'auto']) {
        const features = wish === 'simd' ? only : FEW;
        await report({ runtime: 'workerd', version, where, build: wish, only: features }, async (input) => {
          const body = JSON.stringify(input);
          const init = { method: 'POST', body };
          const response = await edge.dispatchFetch(`http://localhost/?build=${wish}${source}`, init);
          const story = await response.json();
          if (story.error) throw new Error(story.error);
          return story;
        });
      }
    }
  } finally {
    await edge.dispose();
    await server.close();
  }
}
