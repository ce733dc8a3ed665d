// All tokenizers in one process: measure_tokenizers.mjs REPEATS [FILE] -> a JSON line.
import { readFileSync } from 'node:fs';
import { summary } from '../stats.mjs';

/** Loading begins with the import, which a program waits for too. Special tokens in a text count as text. */
const TOKENIZERS = [
  {
    name: 'gpt2-wasm',
    async load() {
      const { loadTokenizer } = await import('../../../build/esm/index.js');
      const tokenizer = await loadTokenizer(
        new URL('../../../tests/fixtures/gpt2-tokenizer/', import.meta.url),
      );
      return (text) => tokenizer.encode(text);
    },
  },
  {
    name: 'gpt-tokenizer',
    async load() {
      const { encode } = await import('gpt-tokenizer/encoding/r50k_base');
      return (text) => encode(text, { disallowedSpecial: new Set() });
    },
  },
  {
    name: 'js-tiktoken',
    async load() {
      const { Tiktoken } = await import('js-tiktoken/lite');
      const { default: ranks } = await import('js-tiktoken/ranks/gpt2');
      const tokenizer = new Tiktoken(ranks);
      return (text) => tokenizer.encode(text, [], []);
    },
  },
];

/**
 * Encodes the text with each tokenizer, `repeats` times in turn after two warm-up rounds, and checks that all
 * give the same ids. Rows: `loadMs` from import to the first ids, `megabytesPerSecond` of UTF-8.
 */
async function benchTokenizers({ text, repeats }) {
  const megabytes = new TextEncoder().encode(text).length / 1e6;
  const entries = [];
  for (const { name, load } of TOKENIZERS) {
    const start = performance.now();
    const encode = await load();
    encode('Hello world');
    entries.push({ name, encode, loadMs: performance.now() - start, speeds: [] });
  }
  const expected = entries[0].encode(text);
  for (let round = -2; round < repeats; round++) {
    for (const { name, encode, speeds } of entries) {
      const start = performance.now();
      const ids = encode(text);
      const seconds = (performance.now() - start) / 1000;
      if (round >= 0) speeds.push(megabytes / seconds);
      const differs = ids.length !== expected.length || ids.some((id, i) => id !== expected[i]);
      if (differs) throw new Error(`${name} gives other ids than ${entries[0].name}`);
    }
  }
  return entries.map(({ name, loadMs, speeds }) => ({ name, loadMs, megabytesPerSecond: summary(speeds) }));
}

/** English stories that the tests of stories-tiny come with. */
function storiesText() {
  const expected = new URL('../../../tests/fixtures/stories-tiny/expected.json', import.meta.url);
  const { documents } = JSON.parse(readFileSync(expected, 'utf8'));
  return documents
    .map(({ text }) => text)
    .join('\n\n')
    .repeat(50);
}

const [repeats, file] = process.argv.slice(2);
const text = file === undefined ? storiesText() : readFileSync(file, 'utf8');
console.log(JSON.stringify(await benchTokenizers({ text, repeats: Number(repeats) })));
