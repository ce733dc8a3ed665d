import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IsolateMemory, workerdMemory } from './isolate_memory.mjs';
import { eventData, projectFolder, textOfNode } from './projects.mjs';
import { randomGguf } from './random_gguf.mjs';

const KEY = 'gpt2.q4.gguf';
const PROMPT = 'Once upon a time';
/** The text fills the whole context. */
const OPTIONS = { maxTokens: 2000, temperature: 0.8, seed: 11, ignoreEos: true };
/** Memory limit of an isolate. */
const LIMIT = 128e6;

/** Runs a model of 124 million weights from R2 in workerd, and prints its peak memory. */
export async function testCloudflareWorker(report) {
  const path = await randomGguf();
  const { Miniflare } = await import('miniflare');
  const r2 = { compatibilityDate: '2025-01-01', r2Buckets: ['MODELS'] };
  const r2Persist = join(projectFolder('cloudflare-worker'), 'r2');
  await fillBucket(new Miniflare({ ...r2, r2Persist, modules: true, script: 'export default {}' }), path);

  const inNode = (options) => textOfNode(path, { build: 'simd', weights: 'q4' }, PROMPT, options);
  const edge = new Miniflare({
    ...r2,
    r2Persist,
    ...(await bundle()),
    bindings: { MODEL: KEY },
    inspectorPort: 0,
  });
  try {
    await (await edge.dispatchFetch('http://localhost/')).text();
    const before = workerdMemory();
    const memory = await IsolateMemory.watch(await edge.getInspectorURL());
    const { text } = await ask(edge, OPTIONS);
    report('cloudflare-worker', 'first request, which loads the model', {
      got: text,
      wanted: await inNode(OPTIONS),
    });
    await leaveEarly(edge);
    const others = { ...OPTIONS, seed: 12 };
    const again = await ask(edge, others);
    report('cloudflare-worker', 'a later one, after a client that left', {
      got: again.text,
      wanted: await inNode(others),
    });
    await memory.stop();
    printMemory({
      wasm: again.wasm,
      heap: memory.heap,
      buffers: memory.buffers,
      process: workerdMemory('VmHWM') - before,
    });
    const total = again.wasm + memory.heap + memory.buffers;
    if (total > LIMIT) report('cloudflare-worker', 'memory', { problem: `${total} bytes are too many` });
  } finally {
    await edge.dispose();
  }
}

async function fillBucket(filler, path) {
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  const bucket = await filler.getR2Bucket('MODELS');
  await bucket.put(KEY, buffer.slice(byteOffset, byteOffset + byteLength));
  await filler.dispose();
}

/** The worker as wrangler bundles it. */
async function bundle() {
  const { build } = await import('esbuild');
  const folder = projectFolder('cloudflare-worker');
  const rootPath = join(folder, 'bundle');
  await build({
    entryPoints: [join(folder, 'src/worker.js')],
    outdir: rootPath,
    bundle: true,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    outExtension: { '.js': '.mjs' },
    loader: { '.wasm': 'copy' },
  });
  return {
    modules: true,
    rootPath,
    scriptPath: 'worker.mjs',
    modulesRules: [
      { type: 'ESModule', include: ['**/*.mjs'] },
      { type: 'CompiledWasm', include: ['**/*.wasm'] },
    ],
  };
}

function post(edge, options) {
  const body = JSON.stringify({ prompt: PROMPT, ...options });
  const headers = { 'content-length': String(body.length) };
  return edge.dispatchFetch('http://localhost/', { method: 'POST', body, headers });
}

async function ask(edge, options) {
  const response = await post(edge, options);
  const answer = await response.text();
  if (response.status !== 200) throw new Error(`status ${response.status}: ${answer}`);
  const data = eventData(answer).map((json) => JSON.parse(json));
  const { memoryBytes } = data.pop();
  return { text: data.join(''), wasm: memoryBytes };
}

/** Reads the beginning of an answer, and waits until the worker has noticed. */
async function leaveEarly(edge) {
  const reader = (await post(edge, OPTIONS)).body.getReader();
  await reader.read();
  await reader.cancel();
  for (let attempt = 0; attempt < 100; attempt++) {
    const response = await post(edge, { maxTokens: 1 });
    await response.text();
    if (response.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the worker stays busy after a client has left');
}

function printMemory({ wasm, heap, buffers, process: pages }) {
  const rows = [
    ['WebAssembly memory: weights, KV cache, activations', wasm],
    ['JavaScript heap at its largest, garbage included', heap],
    ['buffers outside it at that moment', buffers],
    ['all of it (limit: 128)', wasm + heap + buffers],
    ["workerd's peak above the idle process, with its R2", pages],
  ];
  console.log('\n| the Cloudflare worker, GPT-2 124M in q4, 1,024 positions | MB |\n| --- | --- |');
  for (const [what, bytes] of rows) console.log(`| ${what} | ${(bytes / 1e6).toFixed(1)} |`);
}
