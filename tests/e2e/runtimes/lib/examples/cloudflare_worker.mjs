import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { IsolateMemory, workerdMemory } from './isolate_memory.mjs';
import { eventData, projectFolder, textOfNode } from './projects.mjs';
import { randomGguf } from './random_gguf.mjs';

const KEY = 'gpt2.q4.gguf';
const PROMPT = 'Once upon a time';
/** The text fills the whole context. */
const OPTIONS = { max_tokens: 2000, temperature: 0.8, seed: 11, ignore_eos: true };
/** Memory limit of an isolate. */
const LIMIT = 128e6;

/** Runs a model of 124 million weights from R2 in workerd, and prints its peak memory and the size of the worker. */
export async function testCloudflareWorker(report) {
  const path = await randomGguf();
  const { Miniflare } = await import('miniflare');
  const r2 = { compatibilityDate: '2025-01-01', r2Buckets: ['MODELS'] };
  const r2Persist = join(projectFolder('cloudflare-worker'), 'r2');
  await fillBucket(new Miniflare({ ...r2, r2Persist, modules: true, script: 'export default {}' }), path);

  const inNode = ({ max_tokens: maxTokens, ignore_eos: ignoreEos, ...same }) =>
    textOfNode(path, { build: 'simd', weights: 'q4' }, PROMPT, { ...same, maxTokens, ignoreEos, topP: 1 });
  const edge = new Miniflare({
    ...r2,
    r2Persist,
    ...(await bundle()),
    durableObjects: { GPT2: 'Gpt2' },
    bindings: { MODEL: KEY, API_KEY: 'key' },
    inspectorPort: 0,
  });
  try {
    await get(edge, '/health');
    const before = workerdMemory();
    const memory = await IsolateMemory.watch(await edge.getInspectorURL());
    report('cloudflare-worker', 'first request, which loads the model', {
      got: await ask(edge, OPTIONS),
      wanted: await inNode(OPTIONS),
    });
    await leaveEarly(edge);
    const others = [12, 13, 14].map((seed) => ({ ...OPTIONS, seed, max_tokens: 40 }));
    const got = await Promise.all([ask(edge, others[0]), askAtOnce(edge, others[1]), ask(edge, others[2])]);
    const wanted = [];
    for (const options of others) wanted.push(await inNode(options));
    report('cloudflare-worker', 'three at the same time, after a client that left', {
      got: got.join('\n'),
      wanted: wanted.join('\n'),
    });
    await memory.stop();
    const [, bytes] = /^gpt2_wasm_memory_bytes\{.*\} (\d+)$/m.exec(await get(edge, '/metrics'));
    const wasm = Number(bytes);
    printMemory({
      wasm,
      heap: memory.heap,
      buffers: memory.buffers,
      process: workerdMemory('VmHWM') - before,
    });
    const total = wasm + memory.heap + memory.buffers;
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

/** The worker as wrangler bundles it. Prints its size. */
async function bundle() {
  const { build } = await import('esbuild');
  const folder = projectFolder('cloudflare-worker');
  const rootPath = join(folder, 'bundle');
  const { metafile } = await build({
    entryPoints: [join(folder, 'src/worker.js')],
    outdir: rootPath,
    bundle: true,
    minify: true,
    metafile: true,
    format: 'esm',
    external: ['cloudflare:workers'],
    conditions: ['workerd', 'worker', 'browser'],
    outExtension: { '.js': '.mjs' },
    loader: { '.wasm': 'copy' },
    absWorkingDir: folder,
  });
  const files = Object.keys(metafile.outputs).map((name) => readFileSync(join(folder, name)));
  const kilobytes = (of) => Math.round(files.reduce((sum, file) => sum + of(file), 0) / 1000);
  console.error(
    `The worker has ${kilobytes((file) => file.length)} kB, ${kilobytes((file) => gzipSync(file).length)} compressed.`,
  );
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

const HEADERS = { authorization: 'Bearer key' };

async function get(edge, path) {
  return (await edge.dispatchFetch(`http://localhost${path}`, { headers: HEADERS })).text();
}

function post(edge, options) {
  const body = JSON.stringify({ prompt: PROMPT, ...options });
  return edge.dispatchFetch('http://localhost/v1/completions', { method: 'POST', headers: HEADERS, body });
}

async function bodyOf(response) {
  const answer = await response.text();
  if (response.status !== 200) throw new Error(`status ${response.status}: ${answer}`);
  return answer;
}

/** A text that is streamed. */
async function ask(edge, options) {
  const events = eventData(await bodyOf(await post(edge, { ...options, stream: true })));
  const last = events.pop();
  if (last !== '[DONE]') throw new Error(`the stream ends with ${last}`);
  return events.map((event) => JSON.parse(event).choices[0].text).join('');
}

async function askAtOnce(edge, options) {
  return JSON.parse(await bodyOf(await post(edge, options))).choices[0].text;
}

/** Reads the beginning of an answer, and leaves. */
async function leaveEarly(edge) {
  const reader = (await post(edge, { ...OPTIONS, stream: true })).body.getReader();
  await reader.read();
  await reader.cancel();
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
