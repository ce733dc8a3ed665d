import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { KNOWN_FILES, knownAmong } from '../../src/checkpoints/known_files.js';
import { isAdapter } from '../../src/checkpoints/model_files.js';
import { Gpt2Error, type Source } from '../../src/index.js';
import { inspectModel } from '../../src/model/inspect_model.js';
import { loadModel } from '../../src/model/load_model.js';
import { REPO, withHub } from '../files/hub/support.js';
import { checkpointFolder } from '../support/checkpoints.js';
import { serveFiles } from '../support/file_server.js';
import { inFolder } from '../support/in_folder.js';
import { thrown } from '../support/thrown.js';
import { modelMetadata, modelTensors } from './gguf/models.js';
import { typed, writeGguf } from './gguf/writer.js';

type Files = Record<string, Uint8Array<ArrayBuffer>>;

const bytes = (text: string) => new TextEncoder().encode(text);
const little = (first: number) => new Uint8Array(new Uint32Array([first, 1, 0, 0]).buffer);
const CONFIG = new Uint8Array(readFileSync(join(checkpointFolder('base'), 'config.json')));
const WEIGHTS = new Uint8Array(readFileSync(join(checkpointFolder('base'), 'model.safetensors')));
const GGUF = new Uint8Array(writeGguf({ metadata: modelMetadata('base'), tensors: modelTensors('base') }));
const part = (number: number) =>
  new Uint8Array(
    writeGguf({
      metadata: [
        ['split.count', typed('u16', 3)],
        ['split.no', typed('u16', number)],
      ],
      tensors: [],
    }),
  );

/** Files that people give as a model, and words that the error must contain or must not contain. */
const CASES: readonly [name: string, files: Files, code: string, has: RegExp[], hasNot?: RegExp][] = [
  [
    'a LoRA adapter of PEFT',
    {
      'adapter_config.json': bytes('{"peft_type":"LORA","base_model_name_or_path":"openai-community/gpt2"}'),
      'adapter_model.safetensors': new Uint8Array(8),
    },
    'invalid-option',
    [/LoRA adapter/, /base model \("openai-community\/gpt2"\)/, /--adapter/, /option adapters/],
    /renamed/,
  ],
  [
    'an adapter in its older format',
    { 'adapter_config.json': bytes('{}'), 'adapter_model.bin': bytes('x') },
    'invalid-option',
    [/LoRA adapter/],
    /renamed|pickle|safe_serialization/,
  ],
  [
    'a checkpoint of nanoGPT that is cut off',
    { 'ckpt.pt': bytes('PK\u0003\u0004') },
    'invalid-file',
    [/ckpt\.pt .*ZIP archive.*cut off/],
  ],
  [
    'a checkpoint of llm.c',
    { 'gpt2_124M.bin': little(20240326), 'gpt2_tokenizer.bin': little(20240328) },
    'invalid-file',
    [/gpt2_124M\.bin .*cut off within its header/],
    /safe_serialization/,
  ],
  [
    'a tokenizer of llm.c alone',
    { 'gpt2_tokenizer.bin': little(20240328) },
    'not-found',
    [/gpt2_tokenizer\.bin .*llm\.c without the weights/],
    /safe_serialization/,
  ],
  [
    'weights of PyTorch that are something else',
    { 'config.json': CONFIG, 'pytorch_model.bin': bytes('x') },
    'invalid-file',
    [/pytorch_model\.bin .*no file of PyTorch/],
  ],
  [
    'weights of TensorFlow',
    { 'config.json': CONFIG, 'tf_model.h5': bytes('x') },
    'unsupported',
    [/tf_model\.h5 .*TensorFlow/, /from_tf=True/, /refs\/pr\/N/],
  ],
  [
    "OpenAI's own checkpoint",
    {
      ...{ checkpoint: bytes('x'), 'encoder.json': bytes('{}'), 'vocab.bpe': bytes('') },
      ...{ 'model.ckpt.index': bytes('x'), 'hparams.json': bytes('{}') },
    },
    'invalid-file',
    [/model\.ckpt\.index .*no index of a TensorFlow checkpoint/],
    /safe_serialization/,
  ],
  [
    "OpenAI's own checkpoint without its index",
    { 'model.ckpt.data-00000-of-00001': bytes('x'), 'hparams.json': bytes('{}') },
    'not-found',
    [/model\.ckpt\.data-00000-of-00001 .*without its index/],
    /safe_serialization/,
  ],
  [
    'weights of Flax',
    { 'config.json': CONFIG, 'flax_model.msgpack': bytes('x') },
    'unsupported',
    [/flax_model\.msgpack .*Flax/, /from_flax=True/],
  ],
  [
    'an ONNX graph',
    { 'config.json': CONFIG, 'onnx/model.onnx': bytes('x') },
    'unsupported',
    [/onnx\/model\.onnx .*ONNX/, /exported/],
    /save_pretrained/,
  ],
  ['a config alone', { 'config.json': CONFIG }, 'not-found', [/model\.safetensors/]],
  [
    'a tokenizer alone',
    { 'vocab.json': bytes('{}'), 'merges.txt': bytes('') },
    'not-found',
    [/a model is a folder with config\.json, model\.safetensors/],
  ],
];

/** Cases that only a listing can show; an address has none. */
const LISTED: typeof CASES = [
  [
    "checkpoints of transformers' Trainer",
    {
      'checkpoint-1000/model.safetensors': WEIGHTS,
      'checkpoint-1000/optimizer.pt': bytes('x'),
      'checkpoint-500/model.safetensors': WEIGHTS,
      'checkpoint-500/optimizer.pt': bytes('x'),
      'training_args.bin': bytes('x'),
    },
    'not-found',
    [/model in its folders checkpoint-500, checkpoint-1000; give one of them/],
    /renamed|pickle|safe_serialization/,
  ],
  [
    'checkpoints of adapters',
    { 'checkpoint-5/adapter_model.safetensors': bytes('x'), 'checkpoint-5/adapter_config.json': bytes('{}') },
    'not-found',
    [/adapter in its folder checkpoint-5/],
    /renamed/,
  ],
  [
    'the state of an optimizer alone',
    { 'optimizer.pt': bytes('x'), 'scheduler.pt': bytes('x'), 'training_args.bin': bytes('x') },
    'not-found',
    [/optimizer\.pt .*state of a training run/],
    /renamed|safe_serialization/,
  ],
  [
    'shards of PyTorch without their index',
    { 'config.json': CONFIG, 'pytorch_model-00001-of-00002.bin': bytes('PK\u0003\u0004') },
    'not-found',
    [/pytorch_model\.bin\.index\.json, which lists the parts/],
    /renamed/,
  ],
  [
    'shards without their index',
    { 'config.json': CONFIG, 'model-00001-of-00002.safetensors': WEIGHTS },
    'not-found',
    [/model\.safetensors\.index\.json, which lists the parts/],
    /renamed/,
  ],
  [
    'a split GGUF file that lacks a part',
    { 'big-00001-of-00003.gguf': part(0), 'big-00003-of-00003.gguf': part(2) },
    'not-found',
    [/big-00001-of-00003\.gguf .*3 parts.*big-00002-of-00003\.gguf must be beside/],
    /several models/,
  ],
  [
    'a damaged model of llm.c under another name',
    { 'mine.bin': little(20240326) },
    'invalid-file',
    [/mine\.bin .*cut off/],
  ],
];

async function refusal(source: Source): Promise<Gpt2Error> {
  try {
    await inspectModel(source);
  } catch (error) {
    assert.instance(error, Gpt2Error, String(error));
    return error as Gpt2Error;
  }
  throw new Error('it was not refused');
}

for (const [name, itsFiles, code, has, hasNot] of [...CASES, ...LISTED]) {
  const files = { ...itsFiles, 'README.md': bytes('# Mine') };
  test(`${name}, the same from a folder, an address, the hub and files at hand`, async () => {
    const answers: [from: string, code: string, message: string][] = [];
    const ask = async (from: string, source: Source, called: string) => {
      const { code, message } = await refusal(source);
      assert.ok(message.includes(called), message);
      answers.push([from, code, message.replaceAll(called, 'NAME')]);
    };
    const given = `the ${Object.keys(files).length} given files`;
    await ask('files', files, given);
    await inFolder(files, async (folder) => {
      await ask('folder', folder, folder);
      if (LISTED.some(([other]) => other === name)) return;
      for (const missing of [404, 403, 405, 400]) {
        // S3 answers so if the client may not list the bucket.
        const server = await serveFiles(folder, {
          answer(request, response) {
            if (request.url!.slice(1) in files) return false;
            response.writeHead(missing).end();
            return true;
          },
        });
        try {
          // Beside a config or a tokenizer alone there may be weights that this server refuses.
          if (missing === 404 || !name.endsWith(' alone')) {
            await ask(`address, ${missing} for what is not there`, `${server.url}/`, server.url);
          }
        } finally {
          await server.close();
        }
      }
    });
    await withHub({ [REPO]: { files } }, async () => ask('hub', REPO, REPO));
    for (const [from, itsCode, message] of answers) {
      assert.is(itsCode, code, `${from}: ${message}`);
      for (const word of has) assert.match(message, word);
      if (hasNot) assert.not.match(message, hasNot);
      assert.is(message.replace('NAME/', 'NAME'), answers[0]![2], from);
    }
  });
}

test('a GGUF file loads whatever its name or address is', async () => {
  const ids = [1, 2, 3];
  const logits = async (source: Source) => {
    const model = await loadModel(source, { build: 'simd', threads: 1 });
    const result = await model.logits(ids);
    model.dispose();
    return result;
  };
  const want = await logits(checkpointFolder('base'));
  assert.equal(await logits(new File([GGUF], 'download')), want);
  await inFolder({ 'sha256-0123': GGUF, 'base.bin': GGUF }, async (folder) => {
    assert.equal(await logits(join(folder, 'sha256-0123')), want);
    const server = await serveFiles(folder);
    try {
      for (const path of ['/sha256-0123', '/base.bin', '/sha256-0123?download=1', '/base.bin?key=x']) {
        assert.equal(await logits(server.url + path), want, path);
      }
    } finally {
      await server.close();
    }
  });
});

test('a part of a split file is called that, from a path and from an address', async () => {
  await inFolder({ 'big-00002-of-00003.gguf': part(1), 'part.gguf': part(1) }, async (folder) => {
    const path = join(folder, 'big-00002-of-00003.gguf');
    const words = /one of 3 parts .*big-00001-of-00003\.gguf, big-00003-of-00003\.gguf must be beside/;
    await thrown(() => loadModel(path), 'not-found', words);
    const renamed = /one of 3 parts .*-00001-of-00003\.gguf; .*--merge/;
    await thrown(() => loadModel(join(folder, 'part.gguf')), 'unsupported', renamed);
    const server = await serveFiles(folder);
    try {
      await thrown(() => loadModel(`${server.url}/big-00002-of-00003.gguf`), 'not-found', words);
    } finally {
      await server.close();
    }
  });
});

test('a GGUF address that is not there says that the file is not there', async () => {
  await inFolder({ 'a.txt': bytes('x') }, async (folder) => {
    const server = await serveFiles(folder);
    try {
      const { message } = await thrown(
        () => loadModel(`${server.url}/none.gguf`),
        'not-found',
        /no file .*none\.gguf/,
      );
      assert.not.match(message, /config\.json|safetensors/);
      const { message: adapter } = await thrown(
        () => loadModel(checkpointFolder('base'), { adapters: [`${server.url}/none`] }),
        'not-found',
        /adapter_config\.json/,
      );
      assert.not.match(adapter, /\.gguf|model is/);
    } finally {
      await server.close();
    }
    const { message } = await thrown(() => loadModel(join(folder, 'none.gguf')), 'not-found', /none\.gguf/);
    assert.not.match(message, /config\.json/);
  });
});

for (const [name, beginning, words] of [
  [
    'a pointer of Git LFS',
    'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n',
    /git lfs pull/,
  ],
  ['a web page', '<!DOCTYPE html><html>', /web page/],
  ['a file of PyTorch', 'PK\u0003\u0004aaaaaaaaaaaa', /PyTorch/],
  ['a GGUF file', 'GGUF\u0003aaaaaaaaaaaaaa', /GGUF file; its name must end/],
] as const) {
  test(`${name} under the name of weights`, async () => {
    await thrown(
      () => inspectModel({ 'config.json': CONFIG, 'model.safetensors': bytes(beginning) }),
      'invalid-file',
      words,
    );
    if (name === 'a GGUF file') return;
    await thrown(() => inspectModel({ 'a.gguf': bytes(beginning) }), 'invalid-file', words);
  });
}

test('what is given as an adapter and is none', async () => {
  const base = checkpointFolder('base');
  const withAdapter = (source: Source) => loadModel(base, { adapters: [source], threads: 1 });
  await thrown(() => withAdapter('nope'), 'not-found', /no folder nope.*adapter_config\.json/);
  await thrown(() => withAdapter(base), 'not-found', /no LoRA adapter.*whole model; give it as the model/);
  await thrown(() => withAdapter({ 'a.gguf': GGUF }), 'not-found', /whole model/);
  await thrown(
    () =>
      withAdapter({ 'adapter_config.json': bytes('{"peft_type":"LORA"}'), 'adapter_model.bin': bytes('x') }),
    'invalid-file',
    /adapter_model\.bin/,
  );
  await thrown(
    () => withAdapter({ 'adapter_config.json': bytes('{}') }),
    'not-found',
    /adapter_model\.safetensors/,
  );
  await inFolder({ 'checkpoint-5/adapter_config.json': bytes('{}') }, async (folder) => {
    await thrown(() => withAdapter(folder), 'not-found', /folder checkpoint-5; give that/);
  });
});

test('what is no source at all says what one is', async () => {
  await thrown(
    () => loadModel(undefined as never),
    'invalid-option',
    /undefined is no source of a model; give a path/,
  );
  await thrown(() => loadModel(Promise.resolve(GGUF) as never), 'invalid-option', /awaited first/);
  await thrown(() => loadModel([]), 'not-found', /list of files is empty/);
});

test('adapters are told from models by their files', () => {
  assert.ok(isAdapter(['README.md', 'adapter_config.json', 'adapter_model.safetensors', 'vocab.json']));
  assert.not(isAdapter(['adapter_config.json', 'model.safetensors', 'config.json']));
  assert.not(isAdapter(['config.json', 'checkpoint-5/adapter_config.json']));
  assert.not(isAdapter([]));
});

test('a file belongs to a kind by its whole name', () => {
  for (const { pattern, names } of KNOWN_FILES) {
    for (const name of names) {
      assert.match(name, pattern);
      assert.match(`folder/${name}`, pattern);
      assert.not.match(`${name}.txt`, pattern);
    }
  }
  for (const name of [
    'my_gpt2_tokenizer.bin',
    'old_pytorch_model-1-of-2.bin',
    'my_optimizer.pt',
    'a_state.safetensors',
  ])
    assert.not.ok(knownAmong([name])?.known.code === 'not-found', name);
});

test.run();
