import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adaptedGpt2 } from '../../src/checkpoints/peft/adapted_model.js';
import { inspectModel, loadTokenizer, type Source } from '../../src/index.js';
import { openAdapters } from '../../src/model/adapters/open_adapters.js';
import { folderFiles, withHub } from '../files/hub/support.js';
import { serveFiles } from '../support/file_server.js';
import { writeFiles } from '../support/in_folder.js';
import { modelMetadata, modelTensors } from './gguf/models.js';
import { typed, writeGguf } from './gguf/writer.js';
import { type Files, fixture, join as joined, split } from './support.js';

// The same files must get the same answer wherever they lie: in a folder, on a server, on the hub and in
// memory.

const fixturesOf = (name: string) =>
  folderFiles(fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)));
const base = fixture('base');
const shards = fixture('bf16-sharded');
const { 'config.json': config, ...shardFiles } = shards;
const { header, data } = split(base['model.safetensors']!);
const withTensors = (edit: (header: Record<string, unknown>) => void) => {
  const edited = structuredClone(header) as Record<string, unknown>;
  edit(edited);
  return joined(edited, data);
};
const json = (value: unknown) => JSON.stringify(value);
const baseConfig = JSON.parse(new TextDecoder().decode(base['config.json']));
const withFields = (fields: object) => json({ ...baseConfig, ...fields });
const without = (files: Files, ...paths: string[]): Files =>
  Object.fromEntries(Object.entries(files).filter(([path]) => !paths.includes(path)));

/** Weights in every form that people give; the empty name stands for none. */
const WEIGHTS: Record<string, Files> = {
  '': {},
  'whole weights': { 'model.safetensors': base['model.safetensors']! },
  'weights that are cut off': { 'model.safetensors': base['model.safetensors']!.subarray(0, 9000) },
  'empty weights': { 'model.safetensors': '' },
  'a tensor that is missing': {
    'model.safetensors': withTensors((tensors) => {
      tensors['h.0.attn.bias'] = tensors['h.0.ln_1.weight'];
      delete tensors['h.0.ln_1.weight'];
    }),
  },
  'a tensor of another shape': {
    'model.safetensors': withTensors((tensors) => {
      (tensors['ln_f.bias'] as { shape: number[] }).shape = [2, 16];
    }),
  },
  'a tensor of another model': {
    'model.safetensors': withTensors((tensors) => {
      tensors['h.0.rotary'] = tensors['ln_f.bias'];
      delete tensors['ln_f.bias'];
    }),
  },
  shards: shardFiles,
  'a shard that is missing': without(shardFiles, 'model-00002-of-00003.safetensors'),
  'an index alone': { 'model.safetensors.index.json': shardFiles['model.safetensors.index.json']! },
  'an index that is no JSON': { 'model.safetensors.index.json': '{' },
  'whole weights beside an index': {
    'model.safetensors': base['model.safetensors']!,
    'model.safetensors.index.json': '{',
  },
  'weights of PyTorch': { 'pytorch_model.bin': 'PK\u0003\u0004' },
  'shards of PyTorch': { 'pytorch_model.bin.index.json': '{}' },
  'weights of TensorFlow': { 'tf_model.h5': '\u0089HDF' },
  'weights of Flax': { 'flax_model.msgpack': 'x' },
  'a checkpoint of nanoGPT': { 'ckpt.pt': 'PK\u0003\u0004' },
  'a model of llm.c': { 'gpt2_124M.bin': new Uint8Array(new Uint32Array([20240326, 3]).buffer) },
  'a graph of ONNX': { 'onnx/model.onnx': 'x' },
  'the state of a run': { 'state.safetensors': 'x', 'trainer_state.json': '{}' },
};

const CONFIGS: Record<string, Files> = {
  '': {},
  'its config': { 'config.json': base['config.json']! },
  'a config that is no JSON': { 'config.json': '{"n_layer": ' },
  'a config with a key twice': { 'config.json': '{"n_layer": 2, "n_layer": 3}' },
  'a config of Llama': { 'config.json': withFields({ model_type: 'llama' }) },
  'a config without a size': { 'config.json': withFields({ n_embd: undefined }) },
  'a config with more layers': { 'config.json': withFields({ n_layer: 3 }) },
  'a config with fewer layers': { 'config.json': withFields({ n_layer: 1 }) },
  'a config with a head of its own': { 'config.json': withFields({ tie_word_embeddings: false }) },
  'other ends of texts': {
    'config.json': base['config.json']!,
    'generation_config.json': json({ eos_token_id: [3, 5] }),
  },
  'a generation config that is no object': {
    'config.json': base['config.json']!,
    'generation_config.json': '[]',
  },
};

const bpe = { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: ['a b'] };
const byteLevel = { pre_tokenizer: { type: 'ByteLevel' } };
const TOKENIZERS: Record<string, Files> = {
  '': {},
  'tokenizer.json': { 'tokenizer.json': json({ model: bpe, ...byteLevel }) },
  'tokenizer.json without a type': {
    'tokenizer.json': json({ model: { ...bpe, type: undefined }, ...byteLevel }),
  },
  'a vocabulary and merges': { 'vocab.json': json(bpe.vocab), 'merges.txt': 'a b' },
  'a vocabulary without merges': { 'vocab.json': json(bpe.vocab) },
  'merges without a vocabulary': { 'merges.txt': 'a b' },
  'a vocabulary with a key twice': { 'vocab.json': '{"a":0,"a":1}', 'merges.txt': '' },
  'a merge of no tokens': { 'vocab.json': json(bpe.vocab), 'merges.txt': 'a c' },
  'WordPiece in tokenizer.json': { 'tokenizer.json': json({ model: { type: 'WordPiece' } }) },
  'Unigram in tokenizer.json': { 'tokenizer.json': json({ model: { type: 'Unigram' } }) },
  'tokenizer.json that is no JSON': { 'tokenizer.json': 'version https://git-lfs.github.com/spec/v1' },
  'tokenizer.json without a model': { 'tokenizer.json': '{}' },
  'a normalizer': { 'tokenizer.json': json({ model: bpe, normalizer: { type: 'Lowercase' }, ...byteLevel }) },
  'tokenizer.json beside a vocabulary': {
    'tokenizer.json': json({ model: bpe, ...byteLevel }),
    'vocab.json': '{',
    'merges.txt': '',
  },
  'a vocabulary of WordPiece': { 'vocab.txt': '[UNK]\na\n' },
  'a vocabulary of WordPiece without the unknown token': { 'vocab.txt': '[PAD]\n' },
  'a vocabulary of WordPiece beside one of BPE': {
    'vocab.txt': '[PAD]\n',
    'vocab.json': json(bpe.vocab),
    'merges.txt': 'a b',
  },
  'a model of SentencePiece': { 'spiece.model': 'x' },
  'a model of SentencePiece of a class that is not read': {
    'spiece.model': 'x',
    'tokenizer_config.json': '{"tokenizer_class":"CpmTokenizer"}',
  },
  'ranks of a known name': { 'gpt2.tiktoken': 'YQ== 0\n' },
  'settings alone': { 'tokenizer_config.json': '{}', 'special_tokens_map.json': '{}' },
  'settings that are no JSON': {
    'vocab.json': json(bpe.vocab),
    'merges.txt': 'a b',
    'tokenizer_config.json': '{',
  },
};

const peft = fixturesOf('peft/lora-rslora');
const adapter = {
  'adapter_config.json': peft['adapter_config.json']!,
  'adapter_model.safetensors': peft['adapter_model.safetensors']!,
};
const peftConfig = JSON.parse(new TextDecoder().decode(adapter['adapter_config.json']));
const withPeft = (fields: object): Files => ({
  ...adapter,
  'adapter_config.json': json({ ...peftConfig, ...fields }),
});
const ADAPTERS: Record<string, Files> = {
  '': {},
  'an adapter': adapter,
  'an adapter without its config': without(adapter, 'adapter_config.json'),
  'an adapter without its weights': without(adapter, 'adapter_model.safetensors'),
  'an adapter in its older format': {
    ...without(adapter, 'adapter_model.safetensors'),
    'adapter_model.bin': 'PK',
  },
  'older weights of an adapter alone': { 'adapter_model.bin': 'PK' },
  'an adapter that is no LoRA': withPeft({ peft_type: 'PROMPT_TUNING' }),
  'an adapter without a rank': withPeft({ r: undefined }),
  'an adapter of another rank': withPeft({ r: 7 }),
  'an adapter with a config that is no JSON': { ...adapter, 'adapter_config.json': '{' },
};

const gguf = (metadata: ReturnType<typeof modelMetadata>, tensors = modelTensors('base')) =>
  new Uint8Array(writeGguf({ metadata, tensors }));
const own = modelMetadata('base');
const changed = (key: string, value: Uint8Array | undefined) => [
  ...own.filter(([name]) => name !== key),
  ...(value === undefined ? [] : [[key, value] as [string, Uint8Array]]),
];
/** GGUF files, each of which is given by its own path. */
const GGUF_FILES: Record<string, Uint8Array | string> = {
  'a whole file': gguf(own),
  'an empty file': '',
  'a file that is cut off': gguf(own).subarray(0, 20_000),
  'a header that is cut off': gguf(own).subarray(0, 100),
  'a file of another kind': 'PK\u0003\u0004 and more',
  'a web page': '<!doctype html><title>Sign in</title>',
  'another architecture': gguf(changed('general.architecture', typed('string', 'llama'))),
  'no architecture': gguf(changed('general.architecture', undefined)),
  'a missing size': gguf(changed('gpt2.block_count', undefined)),
  'more layers': gguf(changed('gpt2.block_count', typed('u32', 3))),
  'fewer layers': gguf(changed('gpt2.block_count', typed('u32', 1))),
  'another context': gguf(changed('gpt2.context_length', typed('u32', 7))),
  'a missing tensor': gguf(own, modelTensors('base').slice(1)),
  'a part of a split file': gguf([...own, ['split.count', typed('u16', 2)]]),
};

type Kind = 'model' | 'tokenizer' | 'adapter';
interface Case {
  readonly name: string;
  readonly kind: Kind;
  readonly files: Files;
  /** The file that is given instead of its folder. */
  readonly path?: string;
}

const named = (...names: string[]) => names.filter((name) => name !== '').join(' and ') || 'nothing';
const pairs = (kind: Kind, ...tables: [Record<string, Files>, Record<string, Files>]): Case[] =>
  Object.entries(tables[0]).flatMap(([first, some]) =>
    Object.entries(tables[1]).map(([second, others]) => ({
      name: `${kind}: ${named(first, second)}`,
      kind,
      files: { ...some, ...others },
    })),
  );
const only = (table: Record<string, Files>, ...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, table[name]!]));

const CASES: readonly Case[] = [
  ...pairs('model', WEIGHTS, CONFIGS),
  ...pairs('model', only(WEIGHTS, '', 'weights of PyTorch'), TOKENIZERS),
  ...pairs('model', only(WEIGHTS, '', 'whole weights', 'weights of PyTorch'), ADAPTERS),
  ...pairs('tokenizer', TOKENIZERS, only(CONFIGS, '', 'its config')),
  ...pairs(
    'tokenizer',
    only(WEIGHTS, 'whole weights', 'weights of PyTorch'),
    only(TOKENIZERS, '', 'tokenizer.json'),
  ),
  ...pairs('adapter', ADAPTERS, only(WEIGHTS, '', 'whole weights', 'an index alone', 'weights of PyTorch')),
  ...Object.entries(GGUF_FILES).flatMap(([name, file]) =>
    (['model', 'tokenizer', 'adapter'] as const).map((kind) => ({
      name: `${kind}: GGUF, ${name}`,
      kind,
      files: { 'some.gguf': file },
      path: 'some.gguf',
    })),
  ),
];

/** The config of the model that the adapter was made for. */
const { config: baseModel } = await inspectModel(
  fileURLToPath(new URL('../fixtures/peft/base', import.meta.url)),
);

/** The result of reading a source as text: what was read, or the code and the message of the error. */
async function answerOf(kind: Kind, source: Source): Promise<string> {
  try {
    if (kind === 'model') {
      const { format, config, storedBytes, weights, notes } = await inspectModel(source);
      return `read: ${JSON.stringify({ format, config, storedBytes, weights, notes })}`;
    }
    if (kind === 'tokenizer') return `read: ${JSON.stringify((await loadTokenizer(source)).files())}`;
    const [opened] = await openAdapters([source], adaptedGpt2(baseModel), {});
    return `read: ${[...opened!.adapter.pairs.keys()].join()}`;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return `${code}: ${message}`;
  }
}

/** Cases in which an address has none of the files that are asked for. */
const isUnseen = /^(?:model|tokenizer|adapter): nothing$|^tokenizer: (?:whole weights|weights of PyTorch)$/;

const folder = mkdtempSync(join(tmpdir(), 'gpt2-wasm-same-words-'));
const answers = new Map<string, Map<string, string>>();
try {
  // Nearly every folder has other files too, which no reader asks for.
  const sets = CASES.map(({ files, path }) =>
    path === undefined ? { ...files, 'README.md': '# Mine', LICENSE: 'MIT' } : files,
  );
  for (const [i, files] of sets.entries()) writeFiles(join(folder, String(i)), files);
  const repos = Object.fromEntries(sets.map((files, i) => [`owner/set${i}`, { files }]));
  const server = await serveFiles(folder);
  try {
    await withHub(repos, async () => {
      for (const [i, { name, kind, path }] of CASES.entries()) {
        const bytes = Object.fromEntries(
          Object.entries(sets[i]!).map(([path, file]) => [
            path,
            typeof file === 'string' ? new TextEncoder().encode(file) : new Uint8Array(file),
          ]),
        );
        const url = `${server.url}/${i}/${path ?? ''}`;
        const id = `owner/set${i}${path === undefined ? '' : `:${path}`}`;
        const places: readonly (readonly [from: string, source: Source, called: string])[] = [
          ['memory', bytes, path ?? `the ${Object.keys(bytes).length} given files`],
          ['folder', join(folder, String(i), path ?? ''), join(folder, String(i))],
          ['server', url, url],
          ['hub', id, id],
        ];
        const itsAnswers = new Map<string, string>();
        for (const [from, source, called] of places) {
          // An address without any such file may be wrong, and the error says so instead.
          if (from === 'server' && isUnseen.test(name)) continue;
          const answer = await answerOf(kind, source);
          // The name of a single file in memory is also the name of its source.
          itsAnswers.set(
            from,
            path === undefined
              ? answer.replaceAll(called, 'PLACE')
              : answer.replaceAll(` of ${called}`, ' of PLACE').replaceAll(` ${called} is`, ' PLACE is'),
          );
        }
        answers.set(name, itsAnswers);
      }
    });
  } finally {
    await server.close();
  }
} finally {
  rmSync(folder, { recursive: true });
}

for (const [name, itsAnswers] of answers) {
  test(name, () => {
    const first = itsAnswers.get('memory')!;
    for (const [from, answer] of itsAnswers) assert.is(answer, first, from);
    // Any other code would be a mistake.
    assert.match(first, /^(?:read|not-found|unsupported|invalid-file|invalid-option): /);
  });
}

test('there are cases of each kind that are read, and of each code', () => {
  const beginnings = new Set(
    [...answers].map(([name, its]) => `${name.split(':')[0]} ${its.get('memory')!.split(':')[0]}`),
  );
  for (const kind of ['model', 'tokenizer', 'adapter']) {
    for (const answer of ['read', 'not-found', 'unsupported', 'invalid-file']) {
      assert.ok(beginnings.has(`${kind} ${answer}`), `${kind} ${answer}`);
    }
  }
});

test.run();
