import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openCheckpoint } from '../../../src/checkpoints/open_checkpoint.js';
import { PYTORCH } from '../../../src/checkpoints/pytorch/format.js';
import { isTorch } from '../../../src/checkpoints/pytorch/is_torch.js';
import { holds } from '../../support/property.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';
import {
  bytesOf,
  type Order,
  StorageWriter,
  stateDict,
  TINY,
  tinyNumbers,
  weightsOf,
} from '../../support/torch_models.js';
import {
  archive,
  legacyFile,
  WrittenObject,
  type WrittenStorage,
  WrittenTensor,
  zipFile,
} from '../../support/torch_writer.js';

type Files = Record<string, Uint8Array | string>;

const CONFIG = { 'config.json': JSON.stringify(TINY) };
const NUMBERS = tinyNumbers();
const open = (files: Files) => openCheckpoint(memorySource('memory', files));
const openFile = (bytes: Uint8Array, config: object = TINY) =>
  open({ 'config.json': JSON.stringify(config), 'pytorch_model.bin': bytes });
const openValue = (value: unknown, config: object = TINY) => openFile(zipFile(value), config);

/** Checks that a model opens and has the numbers of `NUMBERS`. */
async function hasNumbers(opened: ReturnType<typeof open>, numbers = NUMBERS): Promise<void> {
  assert.equal(await weightsOf(await opened), numbers);
}

const ORDERS: readonly Order[] = ['rows', 'columns', 'wide', 'spread'];

await holds(
  'views of any strides, types and byte orders in either format are read as their numbers',
  fc.record({
    orders: fc.array(fc.constantFrom(...ORDERS), { minLength: NUMBERS.size, maxLength: NUMBERS.size }),
    type: fc.constantFrom('FloatStorage', 'HalfStorage', 'BFloat16Storage', 'DoubleStorage'),
    isShared: fc.boolean(),
    isLegacy: fc.boolean(),
    isBig: fc.boolean(),
    alignment: fc.constantFrom(1, 4, 64, 256),
    hasDescriptors: fc.boolean(),
    isZip64: fc.boolean(),
  }),
  async ({ orders, type, isShared, isLegacy, isBig, ...layout }) => {
    const swap = isBig && !isLegacy;
    const names = [...NUMBERS.keys()];
    const writer = new StorageWriter('7', type, { isBig: swap, isShared });
    const weights = stateDict(NUMBERS, writer, (name) => orders[names.indexOf(name)]!);
    const byteOrder = swap ? 'big' : layout.isZip64 ? 'little' : undefined;
    await hasNumbers(openFile(isLegacy ? legacyFile(weights) : zipFile(weights, { ...layout, byteOrder })));
  },
  100,
);

test('transposed matrices of layers are read in the order in which they lie', async () => {
  const weights = stateDict(NUMBERS, new StorageWriter(''), () => 'columns');
  const bytes = zipFile(weights);
  const { tensors } = await openFile(bytes);
  for (const [name, { end }] of tensors) {
    assert.is(end <= bytes.length, !/^w[tp]e/.test(name), name);
  }
});

for (const [title, prefix] of [
  ['none', ''],
  ['module.', 'module.'],
  ['_orig_mod.', '_orig_mod.'],
  ['two', '_orig_mod.module.'],
  ['that of a trainer', 'model.model.'],
  ['a name nobody knows', 'my_gpt.'],
] as const) {
  test(`names may begin with a prefix: ${title}`, async () => {
    await hasNumbers(
      openValue(new Map([...stateDict(NUMBERS)].map(([name, tensor]) => [prefix + name, tensor]))),
    );
  });
}

test('names of wrappers within names are left out', async () => {
  const wrapped = [...stateDict(NUMBERS)].map(([name, tensor]): [string, WrittenTensor] => [
    `_fsdp_wrapped_module.${name.replace(/^(transformer\.h\.\d+\.)/, '$1_checkpoint_wrapped_module._orig_mod.')}`,
    tensor,
  ]);
  await hasNumbers(openValue(new Map(wrapped)));
});

test('names may be those of GPT2Model', async () => {
  const weights = [...stateDict(NUMBERS)].map(([name, tensor]): [string, WrittenTensor] => [
    name.replace('transformer.', ''),
    tensor,
  ]);
  await hasNumbers(openValue(new Map(weights)));
});

const INERT = new WrittenObject('argparse', 'Namespace', [], new Map([['lr', 1]]));

for (const [title, state] of [
  [
    'model',
    (weights: object) =>
      new Map<string, unknown>([
        ['model', weights],
        ['args', INERT],
        ['epoch', 3],
      ]),
  ],
  [
    'state_dict of Lightning',
    (weights: object) =>
      new Map<string, unknown>([
        ['epoch', 1],
        ['state_dict', weights],
      ]),
  ],
  ['a name nobody knows', (weights: object) => new Map([['the_net', new Map([['inner', weights]])]])],
  ['a pair', (weights: object) => [weights, new Map([['step', 2]])]],
  [
    'a class of dictionaries',
    (weights: object) => new WrittenObject('x', 'State', [], new Map([['net', weights]])),
  ],
  [
    'beside an average',
    (weights: object) =>
      new Map([
        ['ema', weights],
        ['model', weights],
      ]),
  ],
] as const) {
  test(`weights are found in a training state: ${title}`, async () => {
    await hasNumbers(openValue(state(stateDict(NUMBERS))));
  });
}

test('a whole saved module is read by its attributes', async () => {
  const module = (parameters: Map<string, unknown>, modules: Map<string, unknown>) =>
    new WrittenObject(
      'somewhere',
      'Module',
      [],
      new Map<string, unknown>([
        ['training', false],
        ['_parameters', parameters],
        ['_buffers', new Map([['none', null]])],
        ['_modules', modules],
      ]),
    );
  interface Tree {
    readonly parameters: Map<string, unknown>;
    readonly modules: Map<string, Tree>;
  }
  const root: Tree = { parameters: new Map(), modules: new Map() };
  for (const [name, tensor] of stateDict(NUMBERS)) {
    const path = name.split('.');
    let at = root;
    for (const part of path.slice(0, -1)) {
      if (!at.modules.has(part)) at.modules.set(part, { parameters: new Map(), modules: new Map() });
      at = at.modules.get(part)!;
    }
    at.parameters.set(path.at(-1)!, tensor);
  }
  const built = ({ parameters, modules }: Tree): WrittenObject =>
    module(parameters, new Map([...modules].map(([name, inner]) => [name, built(inner)])));
  await hasNumbers(openValue(built(root)));
  assert.ok((await openValue(new Map([['model', built(root)]]))).tensors.size > 0);
});

test('several models are refused, unless one has the usual name', async () => {
  const weights = stateDict(NUMBERS);
  await thrown(
    () =>
      openValue(
        new Map([
          ['teacher', weights],
          ['student', weights],
        ]),
      ),
    'unsupported',
    /several models: teacher, student/,
  );
  const both = [...weights].flatMap(([name, tensor]): [string, WrittenTensor][] => [
    [`policy.${name}`, tensor],
    [`reference.${name}`, tensor],
  ]);
  await thrown(() => openValue(new Map(both)), 'unsupported', /several models.*"policy\.", "reference\."/);
  const { notes } = await openValue(
    new Map([
      ['ema', weights],
      ['model', weights],
    ]),
  );
  assert.ok(notes.some((note) => /also has a model as ema/.test(note)));
});

test('a head that shares the storage of the embedding is tied without reading it', async () => {
  const weights = stateDict(NUMBERS);
  weights.set('lm_head.weight', weights.get('transformer.wte.weight')!);
  const shared = await openValue(weights);
  assert.is(shared.storedHead, undefined);
  assert.ok(shared.config.tiedHead);
  const own = tinyNumbers({ ...TINY, tie_word_embeddings: false });
  const untied = openValue(stateDict(own), { ...TINY, tie_word_embeddings: false });
  await hasNumbers(untied, own);
  const copied = stateDict(NUMBERS);
  copied.set('lm_head.weight', new StorageWriter('copy').tensor(NUMBERS.get('transformer.wte.weight')!));
  assert.is((await openValue(copied)).storedHead?.name, 'lm_head.weight');
});

test('masks are no weights, whatever their type', async () => {
  const weights: Map<string, unknown> = stateDict(NUMBERS);
  const mask = (type: string): WrittenStorage => ({ key: type, type, length: 25, bytes: new Uint8Array(25) });
  for (const layer of [0, 1]) {
    for (const [name, type] of [
      ['bias', 'ByteStorage'],
      ['masked_bias', 'BoolStorage'],
    ] as const) {
      weights.set(
        `transformer.h.${layer}.attn.${name}`,
        new WrittenTensor(mask(type), 0, [1, 1, 5, 5], [25, 25, 5, 1]),
      );
    }
  }
  await hasNumbers(openValue(weights));
});

test('weights of torch.nn.Linear, which have a row for each output, are transposed', async () => {
  const flipped = new Map(
    [...NUMBERS].map(([name, { shape, values }]) => {
      const [rows, columns] = shape as [number, number];
      if (!/\.h\..*\.c_\w+\.weight$/.test(name)) return [name, { shape, values }] as const;
      const turned = values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
      return [name, { shape: [columns, rows], values: turned }] as const;
    }),
  );
  await hasNumbers(openValue(stateDict(flipped)));
});

const EMBEDDING = 'transformer.wte.weight';
/** A model whose embedding is another value. */
const withEmbedding = (value: unknown) => {
  const weights: Map<string, unknown> = stateDict(NUMBERS);
  weights.set(EMBEDDING, value);
  return weights;
};
const four: WrittenStorage = { key: 'four', type: 'FloatStorage', length: 4, bytes: new Uint8Array(16) };
const view = (offset: unknown, shape: unknown[], strides: unknown[]) =>
  withEmbedding(new WrittenTensor(four, offset, shape, strides));

for (const [title, value, code, ...words] of [
  [
    'a tensor behind its storage',
    view(0, [7, 4], [4, 1]),
    'invalid-file',
    /wte.*needs number 27 of a storage of 4/,
  ],
  ['an offset behind it', view(4, [1], [1]), 'invalid-file', /needs number 4 of a storage of 4/],
  ['a negative offset', view(-1, [1], [1]), 'invalid-file', /begins at number -1/],
  ['a negative stride', view(3, [4], [-1]), 'invalid-file', /has strides \[-1\]/],
  ['a negative length', view(0, [-4], [1]), 'invalid-file', /has shape \[-4\]/],
  [
    'a shape that is no list',
    withEmbedding(new WrittenTensor(four, 0, [null], [1])),
    'invalid-file',
    /has shape/,
  ],
  ['too few strides', view(0, [2, 2], [1]), 'invalid-file', /has strides \[1\]/],
  ['a shape that overflows', view(0, [2 ** 30, 2 ** 30], [2 ** 30, 1]), 'invalid-file', /needs number/],
  ['one number as many', view(0, [2 ** 30, 4], [0, 1]), 'invalid-file', /must be \[7, 4\]/],
  [
    'a device without numbers',
    withEmbedding(new WrittenTensor({ ...four, device: 'meta' }, 0, [2, 2], [2, 1])),
    ...(['unsupported', /device meta/] as const),
  ],
  [
    'numbers of another type',
    withEmbedding(new WrittenTensor({ ...four, type: 'CharStorage', length: 16 }, 0, [7, 2], [2, 1])),
    ...(['invalid-file', /must be \[7, 4\]/] as const),
  ],
  [
    'a storage of an unknown class',
    withEmbedding(new WrittenTensor({ ...four, type: 'OtherStorage' }, 0, [2], [1])),
    ...(['invalid-file', /torch\.OtherStorage/] as const),
  ],
  [
    'a sparse tensor',
    withEmbedding(new WrittenObject('torch._utils', '_rebuild_sparse_tensor', [null, []])),
    ...(['unsupported', /wte\.weight.*_rebuild_sparse_tensor.*not read/] as const),
  ],
  [
    'a quantized tensor',
    withEmbedding(new WrittenObject('torch._utils', '_rebuild_qtensor', [])),
    ...(['unsupported', /_rebuild_qtensor.*dequantize/] as const),
  ],
  [
    'weights of bitsandbytes',
    new Map([...stateDict(NUMBERS), ['transformer.h.0.mlp.c_fc.SCB', new WrittenTensor(four, 0, [4], [1])]]),
    ...(['unsupported', /c_fc\.SCB.*quantized model/] as const),
  ],
  [
    'weights of GPTQ',
    new Map([
      ...stateDict(NUMBERS),
      ['transformer.h.0.mlp.c_fc.qweight', new WrittenTensor(four, 0, [4], [1])],
    ]),
    ...(['unsupported', /c_fc\.qweight.*quantized model/] as const),
  ],
  [
    'another model',
    new Map([['bert.embeddings.weight', new WrittenTensor(four, 0, [4], [1])]]),
    'invalid-file',
    /no tensor wte\.weight.*"bert\.embeddings/,
  ],
  ['a number', 5, 'invalid-file', /no dictionary of tensors/],
  ['an object', INERT, 'invalid-file', /no weights of GPT-2.*argparse\.Namespace/],
  [
    'a tensor of another part',
    new Map([...stateDict(NUMBERS), ['transformer.h.0.rotary', new WrittenTensor(four, 0, [4], [1])]]),
    'unsupported',
    /h\.0\.rotary/,
  ],
] as [string, unknown, 'invalid-file' | 'unsupported', RegExp][]) {
  test(`refused: ${title}`, async () => {
    await thrown(() => openValue(value), code, ...words);
    await thrown(() => openFile(legacyFile(value)), code, ...words);
  });
}

test('parts of storages, as files before PyTorch 0.4 have them, are read', async () => {
  const { shape, values } = NUMBERS.get(EMBEDDING)!;
  const numbers = [9, 9, 9, ...values, 9];
  const whole = {
    key: 'whole',
    type: 'FloatStorage',
    length: numbers.length,
    bytes: bytesOf(numbers, 'FloatStorage'),
  };
  const inPart = (part: readonly [number, number]) =>
    legacyFile(withEmbedding(new WrittenTensor({ ...whole, part }, 1, shape, [4, 1])));
  await hasNumbers(openFile(inPart([2, values.length + 1])));
  await thrown(
    () => openFile(inPart([2, values.length])),
    'invalid-file',
    /needs number 28 of a storage of 28/,
  );
  await thrown(() => openFile(inPart([2, 99])), 'invalid-file', /view of storage "whole" is not within it/);
});

test('the number that begins an old file is known in every protocol', () => {
  const magic = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
  for (const [proto, framed] of [
    [2, false],
    [3, false],
    [4, true],
    [5, true],
  ] as const) {
    const frame = framed ? [0x95, 13, 0, 0, 0, 0, 0, 0, 0] : [];
    assert.ok(isTorch(Uint8Array.from([0x80, proto, ...frame, 0x8a, 10, ...magic, 46])), `protocol ${proto}`);
  }
  assert.ok(isTorch(new TextEncoder().encode('L119547037146038801333356L\n.')), 'protocol 1');
  assert.not.ok(isTorch(Uint8Array.from([0x80, 4, 0x95, 99])));
  assert.not.ok(isTorch(Uint8Array.from([0x80])));
});

test('a config of another architecture is refused before the weights, and weights without a config', async () => {
  const bert = zipFile(new Map([['bert.embeddings.weight', new WrittenTensor(four, 0, [4], [1])]]));
  await thrown(() => openFile(bert, { model_type: 'bert' }), 'unsupported', /model_type "bert"/);
  const alone = open({ 'pytorch_model.bin': zipFile(stateDict(NUMBERS)), 'tokenizer.json': '{}' });
  await thrown(() => alone, 'not-found', /no config\.json/);
});

test('other archives and files are refused by name', async () => {
  const script = zipFile(stateDict(NUMBERS), { others: { 'archive/constants.pkl': new Uint8Array(2) } });
  await thrown(() => openFile(script), 'unsupported', /TorchScript.*state_dict/);
  await thrown(() => openFile(archive({ 'a.txt': new Uint8Array(9) })), 'invalid-file', /none of PyTorch/);
  const tar = new Uint8Array(1024);
  tar.set(new TextEncoder().encode('ustar'), 257);
  await thrown(() => openFile(tar), 'unsupported', /PyTorch 0\.1.*tar/);
  await thrown(
    () => openFile(Uint8Array.from([0x80, 4, 0x4e, 0x2e])),
    'invalid-file',
    /not written by torch\.save/,
  );
  await thrown(() => open({ ...CONFIG, 'pytorch_model.bin': '' }), 'invalid-file', /is empty/);
});

test('values that are nested deeply are refused as any others', async () => {
  const deep = [41, ...new Array<number>(50_000).fill(0x85)];
  const key = Uint8Array.from([0x80, 2, 125, ...deep, 78, 115, 46]);
  await thrown(() => openFile(archive({ 'a/data.pkl': key })), 'invalid-file', /entries such as a list/);
  const list = Uint8Array.from([0x80, 2, ...deep, 46]);
  await thrown(() => openFile(archive({ 'a/data.pkl': list })), 'invalid-file', /no dictionary of tensors/);
});

test('an archive whose files overlap or are there twice is refused', async () => {
  const bytes = zipFile(stateDict(NUMBERS));
  const view = new DataView(bytes.buffer);
  const directory = view.getUint32(bytes.length - 22 + 16, true);
  const second = bytes.indexOf(0x50, directory + 46);
  assert.is(view.getUint32(second, true), 0x02014b50);
  view.setUint32(second + 42, 1, true);
  await thrown(() => openFile(bytes), 'invalid-file', /overlaps another|two files/);
});

test('the shards that an index names are one model', async () => {
  const all = [...stateDict(NUMBERS)];
  const shards = [new Map(all.slice(0, 9)), new Map(all.slice(9))];
  const names = ['pytorch_model-00001-of-00002.bin', 'pytorch_model-00002-of-00002.bin'];
  const map = Object.fromEntries(
    shards.flatMap((shard, i) => [...shard.keys()].map((name) => [name, names[i]])),
  );
  const index = { 'pytorch_model.bin.index.json': JSON.stringify({ weight_map: map }) };
  const [one, other] = [zipFile(shards[0]), legacyFile(shards[1])];
  await hasNumbers(open({ ...CONFIG, ...index, [names[0]!]: one, [names[1]!]: other }));
  await thrown(
    () => open({ ...CONFIG, ...index, [names[0]!]: one }),
    'not-found',
    /no file pytorch_model-00002-of-00002\.bin, the shard that pytorch_model\.bin\.index\.json names/,
  );
  await thrown(
    () => open({ ...CONFIG, ...index, [names[0]!]: one, [names[1]!]: one }),
    'invalid-file',
    /has no tensor .* which pytorch_model\.bin\.index\.json says it holds/,
  );
});

test('files of any name are known by their first bytes; other files of training are no models', async () => {
  const bytes = zipFile(stateDict(NUMBERS));
  const others = {
    'optimizer.pt': bytes,
    'scheduler.bin': bytes,
    'zero_pp_rank_0_mp_rank_00_optim_states.pt': bytes,
    'training_args.bin': bytes,
    'rng_state.pth': bytes,
    'train.bin': 'tokens',
  };
  for (const name of ['last.ckpt', 'model.pth', 'weights.bin', 'a.pt']) {
    await hasNumbers(open({ ...CONFIG, ...others, [name]: bytes }));
  }
  await thrown(
    () => open({ ...CONFIG, 'a.pt': bytes, 'b.pt': bytes }),
    'invalid-option',
    /several models: a\.pt, b\.pt/,
  );
});

test('tensors of captioners keep the names of their two parts', async () => {
  const weights: Map<string, unknown> = new Map(
    [...stateDict(NUMBERS)].map(([name, tensor]) => [`module.decoder.${name}`, tensor]),
  );
  weights.set('module.encoder.layer.weight', new WrittenTensor(four, 0, [2, 2], [1, 2]));
  const bytes = zipFile(weights);
  const source = memorySource('memory', { 'pytorch_model.bin': bytes });
  const listed = await source.list();
  const found = await PYTORCH.tensors!({ source, listed, file: listed[0]! });
  assert.equal(
    found.tensors.map(({ name }) => name),
    [...NUMBERS.keys()].map((name) => `decoder.${name}`).concat('encoder.layer.weight'),
  );
  const { start, end } = found.tensors.at(-1)!;
  assert.is((await found.source.read('pytorch_model.bin', start, end)).length, 16);
});

test.run();
