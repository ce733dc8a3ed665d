import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { modelParameters } from '../../../src/architecture/gpt2/parameters.js';
import { encoderParameters } from '../../../src/architecture/vit/parameters.js';
import { settleHead } from '../../../src/checkpoints/open_checkpoint.js';
import { openCaptioner } from '../../../src/checkpoints/vision/open.js';
import { captionerFiles as wantedOfCaptioner } from '../../../src/checkpoints/vision/wanted.js';
import { withSource } from '../../../src/files/open_source.js';
import type { Source } from '../../../src/files/source_options.js';
import { loadModel } from '../../../src/index.js';
import { withHub } from '../../files/hub/support.js';
import { CAPTIONERS, type CaptionerName, captionerFiles, captionerFolder } from '../../support/captioners.js';
import { serveFiles } from '../../support/file_server.js';
import { writeFiles } from '../../support/in_folder.js';
import { memorySource } from '../../support/sources.js';
import { thrown } from '../../support/thrown.js';
import { type Files, type Header, join, split } from '../support.js';

const open = (files: Files) => openCaptioner(memorySource('here', files));

type Json = Record<string, unknown>;
const parse = (bytes: Uint8Array): Json => JSON.parse(new TextDecoder().decode(bytes));

/** A captioner with changed JSON files; fields that are undefined are removed. */
function withJson(name: CaptionerName, changes: Readonly<Record<string, (json: Json) => Json>>): Files {
  const files: Files = captionerFiles(name);
  for (const [path, change] of Object.entries(changes)) {
    files[path] = JSON.stringify(change(path in files ? parse(files[path] as Uint8Array) : {}));
  }
  return files;
}

/** A captioner with a changed header of its weights. */
function withTensors(name: CaptionerName, change: (header: Header) => void): Files {
  const files = captionerFiles(name);
  const { header, data } = split(files['model.safetensors']!);
  change(header);
  return { ...files, 'model.safetensors': join(header, data) };
}

/** A captioner whose tensors lie in two files, those of either model in both. */
function inShards(name: CaptionerName): Files {
  const { 'model.safetensors': whole, ...files } = captionerFiles(name);
  const { header, data } = split(whole!);
  const weightMap: Record<string, string> = {};
  const shards = [0, 1].map((shard) => {
    const path = `model-0000${shard + 1}-of-00002.safetensors`;
    const part: Header = {};
    const pieces: Uint8Array[] = [];
    let end = 0;
    for (const [i, [tensor, entry]] of Object.entries(header).entries()) {
      if (i % 2 !== shard) continue;
      const piece = data.subarray(...entry.data_offsets);
      part[tensor] = { ...entry, data_offsets: [end, end + piece.length] };
      weightMap[tensor] = path;
      pieces.push(piece);
      end += piece.length;
    }
    return [path, join(part, new Uint8Array(Buffer.concat(pieces)))] as const;
  });
  const index = JSON.stringify({ weight_map: weightMap });
  return { ...files, ...Object.fromEntries(shards), 'model.safetensors.index.json': index };
}

for (const name of CAPTIONERS) {
  test(`${name}: every parameter of both models has its tensor`, async () => {
    const { encoder, decoder, startTokenId, preprocessor } = await open(captionerFiles(name));
    const { header } = split(captionerFiles(name)['model.safetensors']!);
    const isWider = name === 'vit-gpt2-wider';
    assert.is(encoder.config.channels, isWider ? 48 : 32);
    assert.is(encoder.config.outputChannels, isWider ? 32 : undefined);
    assert.is(encoder.config.classTokens, name === 'deit-gpt2' ? 2 : 1);
    assert.is(decoder.config.crossAttention, true);
    assert.is(startTokenId, 0);
    assert.equal(decoder.config.eosTokenIds, [0]);
    assert.ok(preprocessor?.image_mean);
    const found = [...encoder.tensors.values(), ...decoder.tensors.values()];
    assert.equal(
      [...encoder.tensors.keys()],
      encoderParameters(encoder.config).map(({ name }) => name),
    );
    assert.equal(
      [...decoder.tensors.keys()],
      modelParameters(decoder.config).map(({ name }) => name),
    );
    for (const { name, parameter, start, end } of found) {
      const length = header[name]!.shape.reduce((product, size) => product * size, 1);
      assert.is(end - start, 4 * length, name);
      assert.is(
        parameter.shape.reduce((product, size) => product * size, 1),
        length,
        name,
      );
    }
    const unused = Object.keys(header).filter((tensor) => !found.some(({ name }) => name === tensor));
    assert.equal(unused.sort(), ['encoder.pooler.dense.bias', 'encoder.pooler.dense.weight']);
  });
}

test('a captioner opens from a folder, a server, the hub, in memory and in shards, with all its files', async () => {
  const folder = mkdtempSync(joinPath(tmpdir(), 'gpt2-wasm-captioner-'));
  const shards = inShards('deit-gpt2');
  writeFiles(folder, shards);
  const server = await serveFiles(folder);
  const whole = captionerFiles('deit-gpt2');
  try {
    await withHub({ 'owner/captioner': { files: whole } }, async () => {
      const sources: Source[] = [
        ...[folder, `${server.url}/`, captionerFolder('deit-gpt2'), 'owner/captioner', whole],
      ];
      for (const source of sources) {
        const opened = await withSource(source, { wanted: wantedOfCaptioner() }, async (files) =>
          openCaptioner(files),
        );
        assert.is(opened.encoder.totalBytes + opened.decoder.totalBytes > 200_000, true);
        assert.is(opened.preprocessor?.image_processor_type, 'DeiTImageProcessor');
      }
    });
  } finally {
    await server.close();
    rmSync(folder, { recursive: true });
  }
});

test('the tokens of generation_config.json come before those of config.json, and those before the decoder’s', async () => {
  const decoder = { eos_token_id: 5, bos_token_id: 6, decoder_start_token_id: 7 };
  const none = { eos_token_id: undefined, pad_token_id: undefined, decoder_start_token_id: undefined };
  const tokensOf = async (generation: Json | undefined, config: Json, own: Json) => {
    const files = withJson('vit-gpt2', {
      'config.json': (json) => ({
        ...{ ...json, ...none, ...config },
        decoder: { ...(json.decoder as Json), ...none, bos_token_id: null, ...own },
      }),
      'generation_config.json': () => generation ?? {},
    });
    if (generation === undefined) delete files['generation_config.json'];
    const opened = await open(files);
    return [opened.startTokenId, opened.decoder.config.eosTokenIds];
  };
  const generation = { eos_token_id: [1, 2], decoder_start_token_id: 3 };
  const top = { eos_token_id: 8, decoder_start_token_id: 9 };
  assert.equal(await tokensOf(generation, top, decoder), [3, [1, 2]]);
  assert.equal(await tokensOf({ eos_token_id: 4 }, top, decoder), [9, [4]]);
  assert.equal(await tokensOf(undefined, top, decoder), [9, [8]]);
  assert.equal(await tokensOf(undefined, {}, decoder), [7, [5]]);
  // Without a start token, the token that begins a text.
  assert.equal(await tokensOf({ bos_token_id: 11 }, {}, { eos_token_id: 5 }), [11, [5]]);
  const wrong = (value: unknown) => () => tokensOf({ decoder_start_token_id: value }, {}, {});
  await thrown(wrong(97), 'invalid-file', 'generation_config.json of here', 'decoder_start_token_id is 97');
  await thrown(wrong('0'), 'invalid-file', 'decoder_start_token_id is "0"');
  await thrown(() => tokensOf(undefined, {}, {}), 'invalid-file', 'names neither decoder_start_token_id');
});

test('buffers of older versions and a head that is stored although it is tied are read', async () => {
  const wte = 'decoder.transformer.wte.weight';
  const files = captionerFiles('vit-gpt2');
  const { header, data } = split(files['model.safetensors']!);
  const embedding = data.slice(...header[wte]!.data_offsets);
  const end = data.length;
  const head = { ...header[wte]!, data_offsets: [end, end + embedding.length] as [number, number] };
  header['decoder.lm_head.weight'] = head;
  let last = end + embedding.length;
  for (const part of ['attn', 'crossattention']) {
    for (const buffer of ['bias', 'masked_bias']) {
      const offsets: [number, number] = [last, ++last];
      header[`decoder.transformer.h.1.${part}.${buffer}`] = {
        dtype: 'U8',
        shape: [1],
        data_offsets: offsets,
      };
    }
  }
  const all = new Uint8Array(Buffer.concat([data, embedding, new Uint8Array(last - end - embedding.length)]));
  const { decoder } = await open({ ...files, 'model.safetensors': join(header, all) });
  assert.is(decoder.storedHead?.name, 'decoder.lm_head.weight');
  assert.is((await settleHead(decoder)).config.tiedHead, true);
  all[end] = 1 + all[end]!;
  const changed = await open({ ...files, 'model.safetensors': join(header, all) });
  assert.is((await settleHead(changed.decoder)).config.tiedHead, false);
  // A file that has the head alone, as safetensors writes tied weights.
  header['decoder.score.weight'] = header[wte]!;
  delete header[wte];
  const alone = await open({ ...files, 'model.safetensors': join(header, all) });
  assert.is(alone.decoder.tensors.get('wte.weight')?.name, 'decoder.lm_head.weight');
});

test('tensors that are missing, unknown or of another shape are refused by their names', async () => {
  const rename = (from: string, to: string) =>
    withTensors('vit-gpt2-wider', (header) => {
      header[to] = header[from]!;
      delete header[from];
    });
  const refused = (files: Files, ...words: string[]) => thrown(() => open(files), 'invalid-file', ...words);
  const query = 'encoder.encoder.layer.1.attention.attention.query.weight';
  await refused(rename(query, 'encoder.pooler.x'), `has no tensor "${query}" of shape [48, 48]`);
  const cross = 'decoder.transformer.h.0.crossattention.q_attn.weight';
  await refused(rename(cross, 'decoder.score.x'), '"decoder.h.0.crossattention.q_attn.weight"');
  await refused(rename('enc_to_dec_proj.bias', 'encoder.pooler.x'), '"enc_to_dec_proj.bias" of shape [32]');
  const shape = withTensors('vit-gpt2', (header) => {
    header['encoder.embeddings.patch_embeddings.projection.weight']!.shape = [32, 192];
  });
  await refused(shape, 'has shape [32, 192], but by encoder in config.json it must be [32, 3, 8, 8]');
  const layers = (layers: number) =>
    withJson('vit-gpt2', {
      'config.json': (json) => ({
        ...json,
        encoder: { ...(json.encoder as Json), num_hidden_layers: layers },
      }),
    });
  await refused(layers(1), 'num_hidden_layers of encoder in config.json is 1');
  await refused(layers(3), 'num_hidden_layers of encoder in config.json is 3, and weights of 2 layers');
  await thrown(
    () => open(rename('enc_to_dec_proj.bias', 'other.weight')),
    'unsupported',
    '"other.weight", which is no part of the image encoder',
  );
});

test('other models and contradictions are refused', async () => {
  const config = (change: (json: Json) => Json) => open(withJson('vit-gpt2', { 'config.json': change }));
  const decoder = (fields: Json) =>
    config((json) => ({ ...json, decoder: { ...(json.decoder as Json), ...fields } }));
  const encoder = (fields: Json) =>
    config((json) => ({ ...json, encoder: { ...(json.encoder as Json), ...fields } }));
  await thrown(
    () => config((json) => ({ ...json, model_type: 'gpt2' })),
    'unsupported',
    'loadModel loads it',
  );
  await thrown(() => config((json) => ({ ...json, model_type: 'blip' })), 'unsupported', '"blip"');
  await thrown(() => config((json) => ({ ...json, encoder: 3 })), 'invalid-file', 'encoder in config.json');
  await thrown(() => decoder({ model_type: 'bert' }), 'unsupported', 'decoder in config.json', '"bert"');
  await thrown(() => encoder({ model_type: 'swin' }), 'unsupported', 'encoder in config.json', '"swin"');
  await thrown(() => decoder({ add_cross_attention: false }), 'invalid-file', 'add_cross_attention false');
  await thrown(
    () => decoder({ cross_attention_hidden_size: 48 }),
    'unsupported',
    'cross_attention_hidden_size',
  );
  await thrown(() => encoder({ hidden_size: 64 }), 'invalid-file', 'config.json');
  const { 'config.json': _, ...withoutConfig } = captionerFiles('vit-gpt2');
  await thrown(() => open(withoutConfig), 'not-found', 'no config.json');
  const { 'model.safetensors': __, ...withoutWeights } = captionerFiles('vit-gpt2');
  await thrown(() => open(withoutWeights), 'not-found', 'model.safetensors');
  const { 'preprocessor_config.json': ___, ...withoutImages } = captionerFiles('vit-gpt2');
  assert.is((await open(withoutImages)).preprocessor, undefined);
  await thrown(() => open({ ...withoutImages, 'preprocessor_config.json': '[]' }), 'invalid-file');
});

test('loadModel names what loads a captioner', async () => {
  await thrown(
    () => loadModel(captionerFolder('vit-gpt2')),
    'unsupported',
    'for captioners see loadCaptioner',
  );
});

test.run();
