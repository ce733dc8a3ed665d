import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadWeights } from '../../../src/checkpoints/load_weights.js';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { wantedFiles } from '../../../src/checkpoints/registry.js';
import { maskedCrc32c } from '../../../src/checkpoints/tensorflow/crc32c.js';
import { tableEntries } from '../../../src/checkpoints/tensorflow/table.js';
import { withSource } from '../../../src/files/open_source.js';
import type { Source } from '../../../src/files/source_options.js';
import { loadTokenizer } from '../../../src/model/load_model.js';
import { toHalf } from '../../dtypes/blocks.js';
import { REPO, withHub } from '../../files/hub/support.js';
import { expectedOf } from '../../support/checkpoints.js';
import { serveFiles } from '../../support/file_server.js';
import { inFolder } from '../../support/in_folder.js';
import { assertLogits } from '../../support/logits.js';
import { holds } from '../../support/property.js';
import { memorySource } from '../../support/sources.js';
import { type Variable, variableName, writeBundle, writeTable } from '../../support/tensorflow_bundle.js';
import { survivesDamage } from '../damage.js';
import { logitsOf } from '../gguf/models.js';
import { fixture, rejects, split } from '../support.js';

type Files = Record<string, Uint8Array<ArrayBuffer>>;

const text = (value: string) => new TextEncoder().encode(value) as Uint8Array<ArrayBuffer>;

const BASE = fixture('base');
const CONFIG = JSON.parse(new TextDecoder().decode(BASE['config.json']));
const SIZES = {
  ...{ n_vocab: CONFIG.vocab_size, n_ctx: CONFIG.n_positions, n_embd: CONFIG.n_embd },
  ...{ n_head: CONFIG.n_head, n_layer: CONFIG.n_layer },
};
const HPARAMS = { 'hparams.json': text(JSON.stringify(SIZES)) };

/** The variables of the base fixture, with what Adam keeps for them if `isTraining`. */
function variables(isTraining = false, convert = (data: Uint8Array) => data, type = 1): Variable[] {
  const { header, data } = split(BASE['model.safetensors']!);
  const found: Variable[] = [];
  for (const [stored, { shape, data_offsets }] of Object.entries(header)) {
    if (/\.attn\.(?:masked_)?bias$|lm_head/.test(stored)) continue;
    const name = variableName(stored.replace(/^transformer\./, ''));
    const bytes = convert(new Uint8Array(data.subarray(...data_offsets)));
    found.push({ name, type, shape: name.endsWith('/w') ? [1, ...shape] : shape, data: bytes });
    if (!isTraining) continue;
    for (const slot of ['Adam', 'Adam_1'])
      found.push({ name: `${name}/${slot}`, type, shape: [2], data: bytes.slice(0, type === 1 ? 8 : 4) });
  }
  if (isTraining) found.push({ name: 'beta1_power', shape: [], data: new Uint8Array(4) });
  return found;
}

const filesOf = (stem: string, some = variables(), options = {}) =>
  ({ ...writeBundle(stem, some, options), ...HPARAMS }) as Files;

const open = (files: Files) => openCheckpoint(memorySource('memory', files));

async function weightsOf(source: Source): Promise<Record<string, string>> {
  const weights: Record<string, string> = {};
  await withSource(source, { wanted: wantedFiles('model') }, async (files) => {
    await loadWeights(await openCheckpoint(files), {
      takesBlocks: () => false,
      pack({ name }, _first, _count, bytes) {
        weights[name] = (weights[name] ?? '') + Buffer.from(bytes).toString('base64');
      },
    });
  });
  return weights;
}

const WANTED = await weightsOf({ ...BASE } as Files);

test("OpenAI's checkpoint: every logit is PyTorch's", async () => {
  const { input_ids, logits } = expectedOf('base');
  assertLogits(await logitsOf(memorySource('memory', filesOf('model.ckpt')), input_ids), logits);
});

test('it opens from a folder, its index, addresses, the hub and files at hand', async () => {
  const files = { ...filesOf('model.ckpt'), checkpoint: text('model_checkpoint_path: "model.ckpt"\n') };
  assert.equal(await weightsOf(files), WANTED);
  await inFolder(files, async (folder) => {
    assert.equal(await weightsOf(folder), WANTED);
    assert.equal(await weightsOf(join(folder, 'model.ckpt.index')), WANTED);
    const server = await serveFiles(folder);
    try {
      assert.equal(await weightsOf(`${server.url}/`), WANTED);
      assert.equal(await weightsOf(`${server.url}/model.ckpt.index`), WANTED);
    } finally {
      await server.close();
    }
  });
  await withHub({ [REPO]: { files } }, async () => assert.equal(await weightsOf(REPO), WANTED));
});

test('of several checkpoints of gpt-2-simple the newest opens, in a folder and at an address', async () => {
  const old = variables(false, (data) => new Uint8Array(data.length));
  const files = {
    ...{ ...filesOf('model-500', old), ...filesOf('model-1000', variables(true)) },
    checkpoint: text(
      'model_checkpoint_path: "/content/checkpoint/run1/model-1000"\nall_model_checkpoint_paths: "model-500"\n',
    ),
  };
  await inFolder(files, async (folder) => {
    assert.equal(await weightsOf(folder), WANTED);
    assert.not.equal(await weightsOf(join(folder, 'model-500.index')), WANTED);
    const server = await serveFiles(folder);
    try {
      assert.equal(await weightsOf(`${server.url}/`), WANTED);
    } finally {
      await server.close();
    }
  });
  const { checkpoint: _, ...unnamed } = files;
  await rejects(
    open(unnamed as unknown as Files),
    'invalid-option',
    /several models: model-1000\.index, model-500\.index|model-500\.index, model-1000\.index/,
  );
});

test('half and brain floats are read', async () => {
  const half = (data: Uint8Array) =>
    new Uint8Array(Uint16Array.from(new Float32Array(data.slice().buffer), toHalf).buffer);
  const brain = (data: Uint8Array) =>
    new Uint8Array(Uint16Array.from(new Uint32Array(data.slice().buffer), (bits) => bits >>> 16).buffer);
  for (const [convert, type, dtype] of [
    [half, 19, 'F16'],
    [brain, 14, 'BF16'],
  ] as const) {
    const { tensors } = await open(filesOf('model.ckpt', variables(false, convert, type)));
    assert.ok([...tensors.values()].every((tensor) => tensor.dtype === dtype));
  }
});

test('whatever the blocks, the restarts and the shards, the weights are the same', async () => {
  await holds(
    'bundles',
    fc.record({
      shards: fc.integer({ min: 1, max: 4 }),
      blockEntries: fc.integer({ min: 1, max: 60 }),
      restartInterval: fc.integer({ min: 1, max: 20 }),
      isTraining: fc.boolean(),
    }),
    async ({ isTraining, ...options }) => {
      const some = variables(isTraining).map((variable, i) => ({ ...variable, shard: i % options.shards }));
      assert.equal(await weightsOf(filesOf('model.ckpt', some, options)), WANTED);
    },
    10,
  );
});

test('checksums are those of CRC-32C, masked', () => {
  // The check value of CRC-32/ISCSI, the sum of the nine digits.
  const unmasked = (maskedCrc32c(text('123456789')) - 0xa282ead8) >>> 0;
  assert.is(((unmasked >>> 17) | (unmasked << 15)) >>> 0, 0xe3069283);
});

test('a table gives back any keys and values', async () => {
  const pairs = fc.uniqueArray(fc.tuple(fc.string({ maxLength: 30 }), fc.uint8Array({ maxLength: 40 })), {
    selector: ([key]) => key,
    maxLength: 60,
  });
  await holds(
    'tables',
    fc.tuple(pairs, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
    async ([entries, blockEntries, restartInterval]) => {
      const bytes = (key: string) => Buffer.from(key);
      const sorted = [...entries].sort(([a], [b]) => Buffer.compare(bytes(a), bytes(b)));
      const table = writeTable(sorted, { blockEntries, restartInterval });
      const read = [...tableEntries(table, 'table')].map(([key, value]) => [
        key,
        Buffer.from(value).toString('hex'),
      ]);
      assert.equal(
        read,
        sorted.map(([key, value]) => [key, Buffer.from(value).toString('hex')]),
      );
    },
    100,
  );
});

test("the tokenizer is that of encoder.json and vocab.bpe, OpenAI's names of vocab.json and merges.txt", async () => {
  const folder = new URL('../../fixtures/gpt2-tokenizer/', import.meta.url);
  const read = (name: string) => new Uint8Array(readFileSync(new URL(name, folder)));
  const files = { 'encoder.json': read('vocab.json'), 'vocab.bpe': read('merges.txt') };
  const tokenizer = await loadTokenizer(files);
  assert.equal([...tokenizer.encode('Hello world')], [15496, 995]);
  assert.is(tokenizer.eosTokenId, 50256);
});

test('damaged and foreign files are refused by name', async () => {
  const files = filesOf('model.ckpt');
  const index = files['model.ckpt.index']!;
  const data = files['model.ckpt.data-00000-of-00001']!;
  const withIndex = (bytes: Uint8Array) => ({ ...files, 'model.ckpt.index': new Uint8Array(bytes) });
  const flipped = index.slice();
  flipped[100]! ^= 1;
  await rejects(
    open(withIndex(flipped)),
    'invalid-file',
    /model\.ckpt\.index .*checksum of the block at byte 0 is wrong/,
  );
  await rejects(open(withIndex(index.subarray(1))), 'invalid-file', /model\.ckpt\.index/);
  await rejects(
    open(withIndex(index.subarray(0, -1))),
    'invalid-file',
    /no index of a TensorFlow checkpoint/,
  );
  await rejects(
    open(filesOf('model.ckpt', variables(), { compression: 1 })),
    'unsupported',
    /compressed by Snappy/,
  );
  await rejects(open(filesOf('model.ckpt', variables(), { endianness: 1 })), 'unsupported', /big-endian/);
  await rejects(
    open({ ...files, 'model.ckpt.data-00000-of-00001': data.slice(0, 1000) }),
    'invalid-file',
    /at bytes \d+ to \d+ of model\.ckpt\.data-00000-of-00001, which has 1000 bytes/,
  );
  const { 'model.ckpt.data-00000-of-00001': _data, ...noData } = files;
  await rejects(open(noData as Files), 'not-found', /no file model\.ckpt\.data-00000-of-00001, which by/);
  const { 'hparams.json': _sizes, ...noSizes } = files;
  await rejects(open(noSizes as Files), 'not-found', /no hparams\.json/);
  const sizes = (changed: object) =>
    open({ ...files, 'hparams.json': text(JSON.stringify({ ...SIZES, ...changed })) });
  await rejects(sizes({ n_head: 0 }), 'invalid-file', /hparams\.json .*n_head is 0/);
  await rejects(sizes({ n_layer: 9 }), 'invalid-file', /no tensor "h\.\d\..*n_layer in hparams\.json is 9/);
  await rejects(sizes({ n_ctx: 5 }), 'invalid-file', /model\/wpe.*by hparams\.json it must be \[5/);
  const [first, ...others] = variables();
  await rejects(open(filesOf('model.ckpt', others)), 'invalid-file', /no tensor "/);
  await rejects(
    open(filesOf('model.ckpt', [{ ...first!, isSliced: true }, ...others])),
    'unsupported',
    /in slices/,
  );
  await rejects(
    open(filesOf('model.ckpt', [{ ...first!, type: 3 }, ...others])),
    'unsupported',
    /TensorFlow's type 3/,
  );
  const extra = { name: 'model/adapter/w', shape: [1], data: new Uint8Array(4) };
  await rejects(
    open(filesOf('model.ckpt', [extra, ...variables()])),
    'unsupported',
    /model\/adapter\/w.*no part of GPT-2/,
  );
  const checkpoint = { ...filesOf('model-7'), checkpoint: text('model_checkpoint_path: "model-8"') };
  await rejects(open(checkpoint), 'not-found', /no file model-8\.index, the newest/);
  await rejects(open({ ...checkpoint, checkpoint: text('') }), 'invalid-file', /names no checkpoint/);
});

test('damaged files open or are refused', async () => {
  await survivesDamage(
    'damaged checkpoints',
    filesOf('model.ckpt', variables(true)),
    (source) => openCheckpoint(source),
    200,
  );
});

test.run();
