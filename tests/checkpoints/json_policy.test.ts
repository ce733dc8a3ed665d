import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAdapter } from '../../src/checkpoints/peft/read_adapter.js';
import { mostBytes } from '../../src/files/limits.js';
import { inspectModel } from '../../src/model/inspect_model.js';
import { loadTokenizer } from '../../src/model/load_model.js';
import { readStateFile } from '../../src/train/state/training_state.js';
import { checkpointFolder } from '../support/checkpoints.js';
import { folderFixture, memorySource } from '../support/sources.js';
import { thrown } from '../support/thrown.js';

const base = (name: string) => new Uint8Array(readFileSync(join(checkpointFolder('base'), name)));
const MODEL = { 'config.json': base('config.json'), 'model.safetensors': base('model.safetensors') };
const VOCABULARY = { 'vocab.json': '{"a":0,"b":1,"ab":2}', 'merges.txt': 'a b' };
const { config } = await inspectModel(memorySource('base', MODEL));

/** Every JSON file of a model, an adapter and a run, with the function that reads it. */
const READERS: Record<string, (json: string) => Promise<unknown>> = {
  'config.json': (json) => inspectModel(memorySource('m', { ...MODEL, 'config.json': json })),
  'model.safetensors.index.json': (json) =>
    inspectModel(
      memorySource('m', { 'config.json': MODEL['config.json'], 'model.safetensors.index.json': json }),
    ),
  'generation_config.json': (json) =>
    inspectModel(memorySource('m', { ...MODEL, 'generation_config.json': json })),
  'adapter_config.json': (json) =>
    readAdapter(
      memorySource('m', { 'adapter_config.json': json, 'adapter_model.safetensors': new Uint8Array(8) }),
      config,
    ),
  'state.json': (json) => readStateFile(memorySource('m', { 'state.json': json })),
  'vocab.json': (json) => loadTokenizer(memorySource('m', { ...VOCABULARY, 'vocab.json': json })),
  'tokenizer.json': (json) => loadTokenizer(memorySource('m', { 'tokenizer.json': json })),
  'tokenizer_config.json': (json) =>
    loadTokenizer(memorySource('m', { ...VOCABULARY, 'tokenizer_config.json': json })),
  'special_tokens_map.json': (json) =>
    loadTokenizer(memorySource('m', { ...VOCABULARY, 'special_tokens_map.json': json })),
  'added_tokens.json': (json) =>
    loadTokenizer(memorySource('m', { ...VOCABULARY, 'added_tokens.json': json })),
};

const nested = (depth: number) => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
const inPlaces = (depth: number) => [
  nested(depth),
  `{"bos_token":${nested(depth)},"eos_token":"a"}`,
  `{"added_tokens":[{"id":0,"content":${nested(depth)}}],"model":{"vocab":{"a":0},"merges":[${nested(depth)}]}}`,
  `{"added_tokens_decoder":{"1":{"content":${nested(depth)}}}}`,
];

for (const [name, read] of Object.entries(READERS)) {
  test(`${name}: one policy for depth, equal keys and size`, async () => {
    for (const depth of [100, 5_000, 1_000_000]) {
      for (const json of inPlaces(depth)) {
        await thrown(() => read(json), 'invalid-file', name, /nested deeper than 64 levels/);
      }
    }
    await thrown(() => read('{"a":1,"a":1}'), 'invalid-file', name, /"a" stands twice/);
    await thrown(() => read('{"a":{"b":"}","b":[]}}'), 'invalid-file', name, /"b" stands twice/);
  });

  test(`${name}: a file that is too large is not read`, async () => {
    const most = mostBytes(name);
    assert.ok(most <= 2 ** 26);
    const source = folderFixture('fixtures/checkpoints/base');
    const list = source.list.bind(source);
    const wide = {
      ...source,
      list: async () =>
        [
          ...(await list()).filter(({ path }) => path !== name && !/vocab|merges|tokenizer/.test(path)),
          ...(name === 'tokenizer.json' ? [] : Object.keys(VOCABULARY)).map((path) => ({
            path,
            byteLength: 20,
          })),
          { path: 'adapter_model.safetensors', byteLength: 8 },
          { path: name, byteLength: most + 1 },
        ]
          .filter(({ path }, i, all) => all.findLastIndex((other) => other.path === path) === i)
          .filter(({ path }) => name !== 'model.safetensors.index.json' || path !== 'model.safetensors'),
      async read(path: string, start: number, end: number) {
        assert.is.not(path, name, 'it is read');
        if (path in VOCABULARY) return new TextEncoder().encode(VOCABULARY[path as 'vocab.json'].padEnd(20));
        return source.read(path, start, end);
      },
    };
    const readers: Record<string, () => Promise<unknown>> = {
      'adapter_config.json': () => readAdapter(wide, config),
      'state.json': () => readStateFile(wide),
      'config.json': () => inspectModel(wide),
      'generation_config.json': () => inspectModel(wide),
      'model.safetensors.index.json': () => inspectModel(wide),
    };
    const call = readers[name] ?? (() => loadTokenizer(wide));
    await thrown(call, 'invalid-file', name, `${most + 1} bytes`, `at most ${most}`);
  });
}

test('what JSON.parse reads comes back as it does', async () => {
  assert.is((await loadTokenizer(memorySource('m', VOCABULARY))).decode([2, 0]), 'aba');
});

test.run();
