import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '../../src/architecture/gpt2/config.js';
import { modelParameters } from '../../src/architecture/gpt2/parameters.js';
import type { Checkpoint } from '../../src/checkpoints/checkpoint.js';
import type { CheckpointFormat, FoundModel } from '../../src/checkpoints/format.js';
import { loadWeights } from '../../src/checkpoints/load_weights.js';
import { byteLengthOf, matchTensors } from '../../src/checkpoints/match.js';
import { openCheckpoint, openTokenizer } from '../../src/checkpoints/open_checkpoint.js';
import { wantedFiles } from '../../src/checkpoints/registry.js';
import type { StoredTensor } from '../../src/checkpoints/stored_tensor.js';
import { FORMATS } from '../../src/checkpoints/usual_formats.js';
import { parseJsonObject } from '../../src/files/json.js';
import { withSource } from '../../src/files/open_source.js';
import { readExactly } from '../../src/files/read.js';
import type { Source } from '../../src/files/source_options.js';
import { createTokenizer } from '../../src/tokenizer/read_tokenizer.js';
import { REPO, withHub } from '../files/hub/support.js';
import { serveFiles } from '../support/file_server.js';
import { inFolder } from '../support/in_folder.js';
import { memorySource } from '../support/sources.js';
import { thrown } from '../support/thrown.js';
import { type Files, fixture, split } from './support.js';

// A made-up format that the package does not know: "PLN1", the length of a header, the header in JSON, the
// weights. Its tensors have other names, and a model may be in several files, which a list names.

const MAGIC = 'PLN1';
const LIST = 'model.plain-list';
const plainName = (parameter: string) => parameter.replaceAll('.', '/');

const PLAIN: CheckpointFormat = {
  what: 'a .plain file',
  weights: ['model.plain', LIST],
  beside: ['plain_notes.json'],
  extensions: ['.plain'],
  begins: (bytes) => new TextDecoder().decode(bytes) === MAGIC,
  parts: async (path, file) => (path === LIST ? namesIn(await file.read(0, file.byteLength)) : []),
  open: openPlain,
  async tokenizer({ source }) {
    return openTokenizer(memorySource(source.name, TOKENIZER));
  },
};
const WITH_PLAIN = [...FORMATS, PLAIN];

const TOKENIZER = {
  'vocab.json': JSON.stringify({ a: 0, b: 1, ab: 2, '<|endoftext|>': 3 }),
  'merges.txt': 'a b',
};

const namesIn = (list: Uint8Array) => new TextDecoder().decode(list).split('\n');

async function openPlain({ source, listed, file }: FoundModel, signal?: AbortSignal): Promise<Checkpoint> {
  const whole = await readExactly(source, file.path, 0, file.byteLength, signal);
  const paths = file.path === LIST ? namesIn(whole) : [file.path];
  let json: Record<string, unknown> = {};
  const stored: StoredTensor[] = [];
  for (const path of paths) {
    const size = listed.find((other) => other.path === path)!.byteLength;
    const bytes = await readExactly(source, path, 0, size, signal);
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
    const header = parseJsonObject(bytes.subarray(8, 8 + length), path);
    json = header.config as Record<string, unknown>;
    for (const [name, tensor] of Object.entries(header.tensors as Record<string, never>)) {
      const { shape, start, end } = tensor as { shape: number[]; start: number; end: number };
      stored.push({
        name,
        file: path,
        dtype: 'F32',
        shape,
        start: 8 + length + start,
        end: 8 + length + end,
      });
    }
  }
  const config = parseConfig(json, file.path);
  const tensors = await matchTensors(modelParameters(config), stored, {
    source: source.name,
    layers: config.layers,
    config: 'its header',
    layersField: 'n_layer in its header',
    layerPrefix: 'h',
    canonicalName: (name) => name,
    nameOf: plainName,
    layoutOf: (parameter) => parameter,
    fits: (shape, wanted) => String(shape) === String(wanted),
  });
  return { source, config, tensors, totalBytes: byteLengthOf(tensors), notes: [], json: {} };
}

const base = fixture('base');
const { header, data } = split(base['model.safetensors']!);

/** A file of the format with the tensors of the base model whose names `has` accepts. */
function plainFile(has: (name: string) => boolean = () => true): Uint8Array<ArrayBuffer> {
  const tensors: Record<string, object> = {};
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const [name, { shape, data_offsets }] of Object.entries(header)) {
    if (!has(name) || /\.attn\.(?:masked_)?bias$/.test(name)) continue;
    const bytes = data.subarray(...data_offsets);
    tensors[plainName(name.replace(/^transformer\./, ''))] = { shape, start: end, end: end + bytes.length };
    parts.push(bytes);
    end += bytes.length;
  }
  const config = JSON.parse(new TextDecoder().decode(base['config.json']));
  const json = new TextEncoder().encode(JSON.stringify({ config, tensors }));
  const length = new Uint8Array(new Uint32Array([json.length]).buffer);
  return new Uint8Array(Buffer.concat([new TextEncoder().encode(MAGIC), length, json, ...parts]));
}

const WHOLE = plainFile();
const PARTS: Files = {
  'first.part': plainFile((name) => !name.includes('h.1.')),
  'second.part': plainFile((name) => name.includes('h.1.')),
  [LIST]: 'first.part\nsecond.part',
};

const open = (source: Source, formats = WITH_PLAIN) =>
  withSource(source, { wanted: wantedFiles('model', formats) }, async (files) =>
    weightsOf(await openCheckpoint(files, undefined, formats)),
  );

/** The bytes of every weight that loading passes to a core, by name. */
async function weightsOf(checkpoint: Checkpoint): Promise<Record<string, string>> {
  const weights: Record<string, string> = {};
  await loadWeights(checkpoint, {
    takesBlocks: () => false,
    pack({ name }, _first, _count, bytes) {
      weights[name] = (weights[name] ?? '') + Buffer.from(bytes).toString('base64');
    },
  });
  return weights;
}

const bytesOf = (files: Files) =>
  Object.fromEntries(
    Object.entries(files).map(([path, file]) => [
      path,
      typeof file === 'string' ? new TextEncoder().encode(file) : new Uint8Array(file),
    ]),
  );

const WANTED = await weightsOf(await openCheckpoint(memorySource('base', base)));

for (const [name, files, path] of [
  ['by the name of its weights', { 'model.plain': WHOLE }, ''],
  ['by the list of its parts', PARTS, ''],
  ['by its extension', { 'mine.plain': WHOLE }, 'mine.plain'],
] as const) {
  test(`a format that is one more line in the table is found ${name} in every place`, async () => {
    await inFolder(files, async (folder) => {
      assert.equal(await open(bytesOf(files)), WANTED);
      assert.equal(await open(join(folder, path)), WANTED);
      const server = await serveFiles(folder);
      try {
        assert.equal(await open(`${server.url}/${path}`), WANTED);
      } finally {
        await server.close();
      }
    });
    await withHub({ [REPO]: { files } }, async () => {
      assert.equal(await open(path === '' ? REPO : `${REPO}:${path}`), WANTED);
    });
  });
}

test('a file under any name is found by its first bytes', async () => {
  await inFolder({ download: WHOLE }, async (folder) => {
    assert.equal(await open({ download: WHOLE }), WANTED);
    assert.equal(await open(join(folder, 'download')), WANTED);
    const server = await serveFiles(folder);
    try {
      assert.equal(await open(`${server.url}/download`), WANTED);
    } finally {
      await server.close();
    }
  });
});

test('formats are looked for in the order of the table', async () => {
  const both = { ...base, 'model.plain': WHOLE };
  const named = (formats: readonly CheckpointFormat[]) =>
    withSource(bytesOf(both), { wanted: wantedFiles('model', formats) }, async (files) => {
      const { tensors } = await openCheckpoint(files, undefined, formats);
      return tensors.get('wte.weight')!.file;
    });
  assert.is(await named([...FORMATS, PLAIN]), 'model.safetensors');
  assert.is(await named([PLAIN, ...FORMATS]), 'model.plain');
});

test('it has a tokenizer of its own, and the messages that all formats have', async () => {
  await inFolder(
    { 'mine.plain': WHOLE, 'cut.plain': plainFile((name) => !name.includes('ln_f')) },
    async (folder) => {
      const options = { wanted: wantedFiles('tokenizer', WITH_PLAIN) };
      const read = await withSource(join(folder, 'mine.plain'), options, (files) =>
        openTokenizer(files, undefined, WITH_PLAIN),
      );
      assert.is(createTokenizer(read).vocabSize, 4);
      await thrown(
        () => open(join(folder, 'cut.plain')),
        'invalid-file',
        /cut\.plain of .* has no tensor "ln_f\/weight" of shape \[32\]/,
      );
      await thrown(
        () => open(folder),
        'invalid-option',
        /several models: cut\.plain, mine\.plain; give the path of one/,
      );
      await thrown(() => open(join(folder, 'none')), 'not-found', /a \.gguf file, or a \.plain file/);
    },
  );
  await thrown(() => open({ a: new Uint8Array(9) }), 'not-found', /neither .* nor model\.plain nor/);
});

test('without the line it is not read', async () => {
  await thrown(
    () => open({ 'model.plain': WHOLE }, [...FORMATS]),
    'not-found',
    /has neither model\.safetensors/,
  );
});

test.run();
