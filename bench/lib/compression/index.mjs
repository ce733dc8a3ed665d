// Bits per byte of the model's compression beside those of general compressors, on held-out stories and on any file.
import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { compress, decompress } from '../../../build/esm/examine.js';
import { embeddedModel, loadModel } from '../../../build/esm/index.js';
import { readUnpacked } from '../documents.mjs';
import { machine } from '../machine.mjs';
import { printMachine, table } from '../markdown.mjs';

const STORIES = fileURLToPath(new URL('../../texts/stories.valid.txt.gz', import.meta.url));
/** Bytes of the stories that are compressed. */
const STORY_BYTES = 150_000;

/** General compressors at their strongest: programs, and what Node has. */
const OTHERS = {
  'xz -9e': (bytes) => piped('xz', ['-9e', '-c'], bytes),
  'zstd --ultra -22': (bytes) => piped('zstd', ['--ultra', '-22', '-c'], bytes),
  'brotli -q 11': brotliCompressSync,
  'gzip -9': (bytes) => gzipSync(bytes, { level: 9 }),
};

export async function run({ model: source = embeddedModel, text }) {
  const model = await loadModel(source, { build: 'simd' });
  const { weights, threads } = model.runtime;
  const rows = [];
  const texts = [[STORIES, readUnpacked(STORIES).subarray(0, STORY_BYTES)]];
  if (text !== undefined) texts.push([text, readUnpacked(text)]);
  for (const [path, bytes] of texts) {
    const row = (by, compressed, times = {}) =>
      rows.push({ text: basename(path), bytes: bytes.length, by, compressed, ...times });
    const [file, compressMs] = await timed(() => compress(model, bytes));
    const [restored, decompressMs] = await timed(() => decompress(model, file));
    if (Buffer.compare(restored, bytes) !== 0) throw new Error(`${path} was not restored`);
    row(`gpt2-wasm, ${basename(String(source))}`, file.length, { compressMs, decompressMs });
    for (const [name, size] of Object.entries(OTHERS)) row(name, size(bytes)?.length);
  }
  model.dispose();
  return { machine: machine([process.versions.node]), weights, threads, rows };
}

/** Output of a program for these bytes; undefined if the program is not installed. */
function piped(program, args, input) {
  const { error, status, stdout } = spawnSync(program, args, { input, maxBuffer: 2 ** 30 });
  return error === undefined && status === 0 ? stdout : undefined;
}

async function timed(work) {
  const start = performance.now();
  return [await work(), performance.now() - start];
}

export function print({ machine, weights, threads, rows }) {
  printMachine(machine);
  const seconds = (ms) => (ms === undefined ? '' : (ms / 1000).toFixed(1));
  table(
    `Compression: ${weights} weights, ${threads} thread(s)`,
    ['text', 'bytes', 'compressor', 'compressed', 'bits per byte', 'compressing, s', 'restoring, s'],
    rows.map(({ text, bytes, by, compressed, compressMs, decompressMs }) => [
      text,
      String(bytes),
      by,
      compressed === undefined ? 'not installed' : String(compressed),
      compressed === undefined ? '' : ((8 * compressed) / bytes).toFixed(3),
      seconds(compressMs),
      seconds(decompressMs),
    ]),
  );
}
