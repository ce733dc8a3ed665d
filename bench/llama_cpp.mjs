// npm run bench:llama: llama.cpp computes files of `convert`. Fails if its results differ from those expected.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { convertModel, loadModel } from '../build/esm/index.js';
import { machine } from './lib/machine.mjs';
import { printMachine, table } from './lib/markdown.mjs';
import { importLlamaWithoutAmx } from './lib/peers/llama_without_amx.mjs';
import { setUp } from './lib/set_up.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Fixtures, each with a special property: see tests/fixtures/checkpoints. */
const FIXTURES = [
  'wide-head',
  'untied-head',
  'odd-sizes',
  'unscaled-attn',
  'inverse-layer-idx',
  'bf16-sharded',
];
const NEW_TOKENS = 32;

/**
 * How far logits may be from exact arithmetic on the same stored weights, both as root mean squares; a greedy token
 * may be another one only where the two are that near to each other. llama.cpp
 * rounds activations to f16 for F16 matrices and to 8 bits for the others, has GELU from a table of f16, and keeps
 * keys and values in f16.
 */
const TOLERANCES = { f16: 0.002, q8: 0.03, q4: 0.03 };

setUp();
const { getLlama, LlamaLogLevel } = await importLlamaWithoutAmx();
const llama = await getLlama({ gpu: false, build: 'never', maxThreads: 2, logLevel: LlamaLogLevel.error });

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-llama-'));
const rows = [];
try {
  for (const [name, source, prompt] of models()) {
    for (const weights of ['f16', 'q8', 'q4']) {
      const path = join(folder, `${name}.${weights}.gguf`);
      await writeFile(path, (await convertModel(source, { weights, name })).bytes());
      rows.push({ model: name, weights, ...(await compare(path, weights, prompt)) });
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
printMachine(machine([process.version], { peers: ['node-llama-cpp'] }));
const columns = Object.keys(rows[0]);
table(
  'Greedy tokens of llama.cpp and of gpt2-wasm from the same files',
  columns,
  rows.map((row) => columns.map((column) => String(row[column]))),
);
const failed = rows.filter(({ agrees }) => !agrees);
console.log(failed.length === 0 ? '\nllama.cpp agrees' : `\nllama.cpp disagrees on ${failed.length} files`);
process.exit(failed.length === 0 ? 0 : 1);

function* models() {
  yield ['stories-tiny', here('../tests/fixtures/stories-tiny'), 'Once upon a time'];
  for (const name of FIXTURES)
    yield [name, fixtureSource(here(`../tests/fixtures/checkpoints/${name}`)), [1, 2, 3]];
}

/** A fixture with a vocabulary of single bytes: llama.cpp loads no model without tokens. */
function fixtureSource(root) {
  const { vocab_size } = JSON.parse(readFileSync(join(root, 'config.json'), 'utf8'));
  const symbols = Array.from({ length: vocab_size }, (_, id) =>
    String.fromCharCode(id < 94 ? 33 + id : 162 + id),
  );
  const vocab = JSON.stringify(Object.fromEntries(symbols.map((symbol, id) => [symbol, id])));
  const texts = new Map([
    ['vocab.json', vocab],
    ['merges.txt', '#version: 0.2\n'],
  ]);
  const stored = readdirSync(root).map((path) => ({ path, byteLength: statSync(join(root, path)).size }));
  return {
    name: root,
    list: async () => [
      ...stored,
      ...Array.from(texts, ([path, text]) => ({ path, byteLength: Buffer.byteLength(text) })),
    ],
    read: async (path, start, end) => {
      const text = texts.get(path);
      return (text === undefined ? readFileSync(join(root, path)) : Buffer.from(text)).subarray(start, end);
    },
  };
}

/** Greedy tokens of both, and how far llama.cpp's logits are from those of the file's weights in f32. */
async function compare(path, weights, text) {
  const exact = await loadModel(path);
  const { vocabSize } = exact.config;
  const prompt = typeof text === 'string' ? exact.tokenizer.encode(text) : text;
  const texts = typeof text === 'string' ? [text, ...readTexts()] : [];
  const wantedIds = texts.map((each) => exact.tokenizer.encode(each));
  const { tokens } = await exact.generate(prompt, { maxTokens: NEW_TOKENS, temperature: 0, ignoreEos: true });
  const all = [...prompt, ...tokens];
  const wanted = await exact.logits(all);
  exact.dispose();
  const { logits: got, ids } = await compute(path, all, texts);
  const sameTexts = ids.filter((each, i) => each.join() === wantedIds[i].join()).length;
  const error = relativeError(got, wanted);
  const packed = weights === 'q8' ? relativeError(await logitsOf(path, weights, all), wanted) : undefined;

  let same = 0;
  let nearTies = 0;
  for (const [i, token] of tokens.entries()) {
    const row = (logits) => logits.subarray((prompt.length - 1 + i) * vocabSize).subarray(0, vocabSize);
    const other = argmax(row(got));
    const lead = row(wanted)[token] - row(wanted)[other];
    if (other === token) same++;
    else if (lead <= TOLERANCES[weights] * rootMeanSquare(row(wanted))) nearTies++;
  }
  return {
    'same tokens': same,
    'near ties': nearTies,
    'error of llama.cpp': error.toExponential(1),
    'error of q8 here': packed?.toExponential(1) ?? '',
    'same ids of texts': texts.length === 0 ? '' : `${sameTexts} of ${texts.length}`,
    agrees: sameTexts === texts.length && same + nearTies === NEW_TOKENS && error <= TOLERANCES[weights],
  };
}

function relativeError(got, wanted) {
  return rootMeanSquare(got.map((value, i) => value - wanted[i])) / rootMeanSquare(wanted);
}

function rootMeanSquare(values) {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

async function logitsOf(path, weights, ids) {
  const model = await loadModel(path, { weights });
  const logits = await model.logits(ids);
  model.dispose();
  return logits;
}

/** Texts from all of Unicode. */
function readTexts() {
  const vectors = readFileSync(here('../tests/fixtures/gpt2-tokenizer/vectors.json'), 'utf8');
  return JSON.parse(vectors).map(({ text }) => text);
}

/** T x V logits, and the ids of texts. */
async function compute(path, ids, texts) {
  const model = await llama.loadModel({ modelPath: path });
  const context = await model.createContext({
    contextSize: ids.length + 1,
    batchSize: ids.length,
    threads: 2,
  });
  const input = ids.map((id) => [id, { generateNext: { logits: true } }]);
  const output = await context.getSequence().controlledEvaluate(input);
  const tokenized = texts.map((text) => model.tokenize(text, false));
  await context.dispose();
  await model.dispose();
  const vocabSize = output[0].next.logits.size;
  const logits = new Float32Array(ids.length * vocabSize);
  for (const [row, { next }] of output.entries()) {
    for (const [id, logit] of next.logits) logits[row * vocabSize + id] = logit;
  }
  return { logits, ids: tokenized };
}

function argmax(row) {
  return row.reduce((best, value, id) => (value > row[best] ? id : best), 0);
}
