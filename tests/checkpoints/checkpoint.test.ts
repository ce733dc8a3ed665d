import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openCheckpoint } from '../../src/checkpoints/open_checkpoint.js';
import { folderFixture, memorySource } from '../support/sources.js';
import {
  baseWith,
  CHECKPOINTS,
  type Files,
  fixture,
  type Header,
  join,
  rejects,
  split,
  withConfig,
} from './support.js';

const open = (files: Files) => openCheckpoint(memorySource('edited', files));
const refused = (fields: Record<string, unknown>, ...patterns: RegExp[]) =>
  rejects(open(withConfig('base', fields)), 'invalid-file', ...patterns);

/** Renames one tensor of a header; its bytes stay where they are. */
function rename(header: Header, from: string, to: string): Header {
  return Object.fromEntries(
    Object.entries(header).map(([name, entry]) => [name === from ? to : name, entry]),
  );
}

/** Adds a tensor at the end of a file. */
function append(
  header: Header,
  data: Uint8Array,
  name: string,
  dtype: string,
  shape: number[],
  bytes: number,
) {
  const entry = { dtype, shape, data_offsets: [data.length, data.length + bytes] };
  const longer = new Uint8Array(data.length + bytes);
  longer.set(data);
  return join({ ...header, [name]: entry }, longer);
}

/** The bf16-sharded fixture with another index. */
function withIndex(edit: (index: { weight_map: Record<string, unknown> }) => unknown): Files {
  const files = fixture('bf16-sharded');
  const edited = edit(JSON.parse(new TextDecoder().decode(files['model.safetensors.index.json'])));
  return {
    ...files,
    'model.safetensors.index.json': typeof edited === 'string' ? edited : JSON.stringify(edited),
  };
}

const fixtures = readdirSync(CHECKPOINTS);

test('there are 13 fixtures', () => {
  assert.is(fixtures.length, 13);
});

for (const name of fixtures) {
  test(`opens ${name}`, async () => {
    const { config, tensors, totalBytes } = await openCheckpoint(
      folderFixture(`fixtures/checkpoints/${name}`),
    );
    const json = JSON.parse(new TextDecoder().decode(fixture(name)['config.json']));
    assert.is(config.channels, json.n_embd);
    assert.is(config.tiedHead, name !== 'untied-head');
    assert.is(tensors.has('lm_head.weight'), name === 'untied-head');
    // two embeddings, twelve tensors a layer, the last norm, perhaps a head
    assert.is(tensors.size, 2 + 12 * json.n_layer + 2 + (config.tiedHead ? 0 : 1));

    const stored = Object.entries(fixture(name)).filter(([path]) => path.endsWith('.safetensors'));
    let expected = 0;
    for (const [, file] of stored) {
      for (const [tensor, { data_offsets }] of Object.entries(split(file).header)) {
        if (!/\.attn\.(masked_)?bias$/.test(tensor)) expected += data_offsets[1] - data_offsets[0];
      }
    }
    assert.is(totalBytes, expected);
  });
}

test('opens a checkpoint with a vocabulary of its own', async () => {
  const { config } = await openCheckpoint(folderFixture('fixtures/stories-tiny'));
  assert.is(config.vocabSize, 1024);
});

test('finds each tensor with and without prefix at its place', async () => {
  const { tensors } = await openCheckpoint(folderFixture('fixtures/checkpoints/f16-prefixed-masks'));
  const file = fixture('f16-prefixed-masks')['model.safetensors']!;
  const { header, data } = split(file);
  const dataStart = file.length - data.length;
  for (const [name, tensor] of tensors) {
    const entry = header[`transformer.${name}`]!;
    assert.equal(
      [tensor.start, tensor.end],
      entry.data_offsets.map((offset) => dataStart + offset),
    );
    assert.is(tensor.dtype, 'F16');
  }
});

test('a head that is stored beside a tied embedding is kept apart until it is compared', async () => {
  const { config, tensors, storedHead } = await open(
    withConfig('untied-head', { tie_word_embeddings: true }),
  );
  assert.ok(config.tiedHead);
  assert.not(tensors.has('lm_head.weight'));
  assert.is(tensors.get('wte.weight')?.name, 'wte.weight');
  assert.is(storedHead?.name, 'lm_head.weight');
});

test('a tied head that is stored instead of the embedding stands for both', async () => {
  const { tensors } = await openCheckpoint(
    baseWith((header, data) => join(rename(header, 'wte.weight', 'lm_head.weight'), data)),
  );
  assert.is(tensors.get('wte.weight')?.name, 'lm_head.weight');
});

test('an untied head must be stored', async () => {
  await refused({ tie_word_embeddings: false }, /no tensor "lm_head\.weight"/, /tie_word_embeddings/);
});

test('heads of other tasks and mask buffers are left out', async () => {
  const source = baseWith((header, data) => append(header, data, 'score.weight', 'F32', [2, 32], 256));
  assert.not((await openCheckpoint(source)).tensors.has('score.weight'));
  const masked = baseWith((header, data) => append(header, data, 'h.0.attn.bias', 'BOOL', [1, 1, 2, 2], 4));
  assert.not((await openCheckpoint(masked)).tensors.has('h.0.attn.bias'));
});

test('missing tensor', async () => {
  const source = baseWith((header, data) => join(rename(header, 'h.1.mlp.c_fc.bias', 'score.bias'), data));
  await rejects(openCheckpoint(source), 'invalid-file', /no tensor "h\.1\.mlp\.c_fc\.bias" of shape \[128\]/);
  const embedding = baseWith((header, data) => join(rename(header, 'wte.weight', 'score.weight'), data));
  await rejects(openCheckpoint(embedding), 'invalid-file', /no tensor "wte\.weight" of shape \[97, 32\]/);
});

test('wrong shape', async () => {
  const transposed = baseWith((header, data) => {
    header['h.1.attn.c_attn.weight']!.shape.reverse();
    return join(header, data);
  });
  await rejects(
    openCheckpoint(transposed),
    'invalid-file',
    /"h\.1\.attn\.c_attn\.weight" in model\.safetensors/,
    /\[96, 32\]/,
    /\[32, 96\]/,
  );
  const flat = baseWith((header, data) => {
    header['ln_f.bias']!.shape = [1, 32];
    return join(header, data);
  });
  await rejects(openCheckpoint(flat), 'invalid-file', /"ln_f\.bias"/, /\[1, 32\]/, /must be \[32\]/);
});

test('a shape with too few sizes', async () => {
  const source = baseWith((header, data) => {
    const without = rename(header, 'wpe.weight', 'score.bias');
    return append(without, data, 'wpe.weight', 'F32', [64], 256);
  });
  await rejects(openCheckpoint(source), 'invalid-file', /"wpe\.weight"/, /\[64\]/, /\[64, 32\]/);
});

for (const [dtype, bytesEach] of Object.entries({ I32: 4, U32: 4, F64: 8, I8: 1, BOOL: 1, F8_E4M3: 1 })) {
  test(`wrong dtype ${dtype}`, async () => {
    const source = baseWith((header, data) => {
      const without = rename(header, 'ln_f.bias', 'score.bias');
      return append(without, data, 'ln_f.bias', dtype, [32], 32 * bytesEach);
    });
    await rejects(
      openCheckpoint(source),
      'unsupported',
      new RegExp(`"ln_f\\.bias" .*stored as ${dtype}; F32, F16, BF16 are read`),
    );
  });
}

test('duplicate tensor: with and without prefix', async () => {
  const source = baseWith((header, data) => append(header, data, 'transformer.ln_f.bias', 'F32', [32], 128));
  await rejects(openCheckpoint(source), 'invalid-file', /ln_f\.bias twice/, /"transformer\.ln_f\.bias"/);
});

test('duplicate tensor: in two shards', async () => {
  const files = fixture('bf16-sharded');
  const last = 'model-00003-of-00003.safetensors';
  const { header, data } = split(files[last]!);
  files[last] = append(header, data, 'transformer.wpe.weight', 'BF16', [64, 32], 4096);
  await rejects(open(files), 'invalid-file', /wpe\.weight twice/, /00001-of-00003/, /00003-of-00003/);
});

for (const name of [
  'h.0.crossattention.c_attn.weight',
  'h.0.attn.c_attn.lora_A.weight',
  'h.0.attn.rotary_emb.inv_freq',
  'h.0.mlp.c_gate.weight',
  'transformer.h.00.ln_1.weight',
  'wtte.weight',
]) {
  test(`a tensor that is no part of GPT-2: ${name}`, async () => {
    const source = baseWith((header, data) => append(header, data, name, 'F32', [2], 8));
    await rejects(openCheckpoint(source), 'unsupported', new RegExp(name), /no part of GPT-2/);
  });
}

test('config contradicting the tensors', async () => {
  await refused({ n_layer: 2 }, /"h\.2\./, /n_layer .*is 2/);
  await refused({ n_layer: 4 }, /no tensor "h\.3\./, /is 4, and weights of 3 layers/);
  await refused({ vocab_size: 98 }, /wte\.weight/, /\[97, 32\]/, /\[98, 32\]/);
  await refused({ n_embd: 64 }, /wte\.weight/, /\[97, 32\]/, /\[97, 64\]/);
  await refused({ n_positions: 65 }, /wpe\.weight/, /\[64, 32\]/, /\[65, 32\]/);
  await refused({ n_inner: 80 }, /c_fc/, /\[32, 128\]/, /\[32, 80\]/);
  await refused({ n_head: 5 }, /n_head is 5/);
});

test('a huge config is refused by the tensors, not by running out of memory', async () => {
  await refused({ n_layer: 4096, n_embd: 2 ** 24, n_head: 1, vocab_size: 2 ** 24 }, /shape|no tensor/);
});

const generation = (value: unknown) => ({
  ...withConfig('base', { eos_token_id: 5, bos_token_id: 4 }),
  'generation_config.json': JSON.stringify(value),
});

test('generation_config.json says which tokens end and begin what is generated', async () => {
  const tokensOf = async (value: unknown) => {
    const { config, notes } = await open(generation(value));
    return [config.eosTokenIds, config.bosTokenId, notes.length];
  };
  assert.equal(await tokensOf({ eos_token_id: 7 }), [[7], 4, 1]);
  assert.equal(await tokensOf({ eos_token_id: [7, 5], bos_token_id: 6 }), [[7, 5], 6, 1]);
  assert.equal(await tokensOf({ eos_token_id: 5, bos_token_id: 4 }), [[5], 4, 0]);
  assert.equal(await tokensOf({ do_sample: true, max_length: 50 }), [[5], 4, 0]);
  assert.equal(await tokensOf({ eos_token_id: null, bos_token_id: null }), [[5], 4, 0]);
  assert.equal(
    await tokensOf({ eos_token_id: 50256, bos_token_id: 50256 }),
    [[5], 4, 0],
    'not in the vocabulary',
  );
  const { notes } = await open(generation({ eos_token_id: [7, 8] }));
  assert.match(notes[0]!, /generation_config\.json of .* ends a text with token 7, 8, config\.json with 5/);
});

test('a generation_config.json that cannot be right is refused by name', async () => {
  for (const value of [[], 'x', { eos_token_id: '7' }, { eos_token_id: [-1] }, { bos_token_id: [1] }]) {
    await rejects(open(generation(value)), 'invalid-file', /^generation_config\.json of edited/);
  }
});

test('a refused field of the config', async () => {
  await rejects(
    open(withConfig('base', { sliding_window: 8 })),
    'unsupported',
    /sliding_window/,
    /config\.json of edited/,
  );
});

test('invalid JSON in config.json', async () => {
  await rejects(
    open({ ...fixture('base'), 'config.json': '{"n_layer": 3,}' }),
    'invalid-file',
    /config\.json of edited: not valid JSON.* at line 1, column 15/,
  );
});

test('duplicate keys in config.json', async () => {
  const text = '{"model_type": "gpt2", "n_layer": 3, "n_layer": 2}';
  await rejects(
    open({ ...fixture('base'), 'config.json': text }),
    'invalid-file',
    /config\.json/,
    /"n_layer"/,
  );
});

test('a config.json too large to be one is not read', async () => {
  const source = memorySource('edited', fixture('base'));
  const list = source.list.bind(source);
  const reads: string[] = [];
  await rejects(
    openCheckpoint({
      ...source,
      read: (path, ...range) => {
        reads.push(path);
        return source.read(path, ...range);
      },
      list: async () =>
        (await list()).map((file) => (file.path === 'config.json' ? { ...file, byteLength: 2 ** 40 } : file)),
    }),
    'invalid-file',
    /config\.json/,
    /1099511627776 bytes/,
  );
  assert.not(reads.includes('config.json'));
});

test('no config.json', async () => {
  const { 'model.safetensors': weights } = fixture('base');
  await rejects(open({ 'model.safetensors': weights! }), 'not-found', /no config\.json/);
});

test('no weights', async () => {
  const { 'config.json': config } = fixture('base');
  const files = { 'config.json': config! };
  await rejects(open({}), 'not-found', /neither model\.safetensors nor/);
  await rejects(open(files), 'not-found', /neither model\.safetensors nor/);
  await rejects(
    open({ ...files, 'other.safetensors': '' }),
    'not-found',
    /other\.safetensors must be renamed/,
  );
  for (const name of [...['tf_model.h5', 'flax_model.msgpack', 'onnx/model.onnx', 'model.ckpt']]) {
    await rejects(open({ ...files, [name]: '' }), 'unsupported', new RegExp(name), /not read/);
  }
});

test('absent shard', async () => {
  const { 'model-00002-of-00003.safetensors': _, ...files } = fixture('bf16-sharded');
  await rejects(open(files), 'not-found', /no file model-00002-of-00003\.safetensors/);
});

test('a tensor that the index puts in another shard', async () => {
  const files = withIndex((index) => {
    index.weight_map['transformer.wte.weight'] = 'model-00002-of-00003.safetensors';
    return index;
  });
  await rejects(open(files), 'invalid-file', /00002-of-00003/, /"transformer\.wte\.weight"/, /index\.json/);
});

for (const path of [
  ...[
    '../model.safetensors',
    '/etc/model.safetensors',
    'a/../../b.safetensors',
    'a\\..\\b.safetensors',
    './a',
    '',
  ],
  ...['C:model.safetensors', 'https://example.org/a.safetensors', '%2e%2e/a', 'a?b', 'a#b', 7, null, ['a']],
]) {
  test(`an index pointing outside: ${JSON.stringify(path)}`, async () => {
    const files = withIndex((index) => {
      index.weight_map['transformer.wte.weight'] = path;
      return index;
    });
    // even if the source has such a file
    await rejects(
      open({ ...files, [String(path)]: files['model-00001-of-00003.safetensors']! }),
      'invalid-file',
      /index\.json/,
      /must name a file beside it/,
    );
  });
}

test('an index without a usable weight_map', async () => {
  for (const index of [{}, { weight_map: [] }, { weight_map: null }, [], null, 3]) {
    await rejects(open(withIndex(() => index)), 'invalid-file', /index\.json/, /weight_map/);
  }
});

test('invalid JSON in the index', async () => {
  await rejects(
    open(withIndex((index) => `${JSON.stringify(index)}}`)),
    'invalid-file',
    /index\.json/,
    /column/,
  );
});

test('duplicate keys in the index', async () => {
  const files = withIndex((index) =>
    JSON.stringify(index).replace(
      '"weight_map":{',
      '"weight_map":{"transformer.wte.weight":"x.safetensors",',
    ),
  );
  await rejects(open(files), 'invalid-file', /index\.json/, /"transformer\.wte\.weight" stands twice/);
});

test('invalid JSON and duplicate keys in the header of a shard', async () => {
  const files = fixture('bf16-sharded');
  const shard = 'model-00002-of-00003.safetensors';
  const { header, data } = split(files[shard]!);
  const text = JSON.stringify(header);
  await rejects(
    open({ ...files, [shard]: join(`${text},`, data) }),
    'invalid-file',
    /00002-of-00003/,
    /column/,
  );
  const twice = text.replace('{', `{${text.slice(1, text.indexOf('}') + 1)},`);
  await rejects(open({ ...files, [shard]: join(twice, data) }), 'invalid-file', /00002/, /stands twice/);
});

test('shards may lie in a folder of the source', async () => {
  const files = withIndex((index) => {
    for (const [name, path] of Object.entries(index.weight_map)) index.weight_map[name] = `shards/${path}`;
    return index;
  });
  for (const path of Object.keys(files)) {
    if (path.endsWith('.safetensors')) files[`shards/${path}`] = files[path]!;
  }
  assert.is((await open(files)).tensors.size, 40);
});

test('model.safetensors counts where an index is there too', async () => {
  const { 'model.safetensors.index.json': index } = fixture('bf16-sharded');
  const { tensors } = await open({ ...fixture('base'), 'model.safetensors.index.json': index! });
  assert.is(tensors.get('wte.weight')?.file, 'model.safetensors');
});

test('an aborted signal ends opening', async () => {
  const controller = new AbortController();
  const source = memorySource('mem', fixture('base'));
  const reading = openCheckpoint(
    {
      ...source,
      read: (path, start, end) => {
        controller.abort();
        return source.read(path, start, end);
      },
    },
    controller.signal,
  );
  await rejects(reading, 'aborted');
  await rejects(openCheckpoint(source, AbortSignal.abort()), 'aborted');
});

test.run();
