import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { hashOfBytes } from '../../../src/base/murmur.js';
import { writeAdapter } from '../../../src/checkpoints/peft/write_adapter.js';
import { compress, decompress } from '../../../src/examine.js';
import { type LoadModelOptions, loadModel, type Model } from '../../../src/index.js';
import { createWorkerModel } from '../../../src/worker.js';
import { randomAdapter } from '../../support/adapters.js';
import { memoryTarget } from '../../support/memory_target.js';
import { freshSeed } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { BUILDS } from '../../support/relaxed.js';
import { shardedFiles } from '../../support/small_model.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';
import { fakeWorkers } from '../../worker/fake_worker.js';

const OPTIONS = { build: 'simd', threads: 1 } as const;
const model = await loadModel(storiesTiny, OPTIONS);
/** Short windows, so that a page of text has many of them and all segments. */
const narrow = await loadModel(storiesTiny, { ...OPTIONS, contextLength: 24 });
const fakeWorker = fakeWorkers(test);
test.after(() => {
  model.dispose();
  narrow.dispose();
});

const random = randomSource(freshSeed('texts and noise'));
const utf8 = new TextEncoder();
const text = (bytes: Uint8Array) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
const written = async (count: number, seed: number) =>
  (await model.generate('Once', { maxTokens: count, ignoreEos: true, contextFull: 'shift', seed })).text;
const STORY = await written(1500, random.below(2 ** 31));
/** What is changed is always the same: a change passes a checksum of 32 bits once in 4 billion times. */
const SHORT = await written(80, 3);

async function withModel(
  options: LoadModelOptions,
  use: (model: Model) => Promise<void>,
  source = storiesTiny as unknown,
) {
  const other = await loadModel(source as URL, { ...OPTIONS, ...options });
  try {
    await use(other);
  } finally {
    other.dispose();
  }
}

test('texts come back, in one segment and in many, over the ends of windows', async () => {
  for (const length of [0, 1, 2, 23, 24, 25, 100, 1000, STORY.length]) {
    const part = STORY.slice(0, length);
    for (const one of [model, narrow])
      assert.is(text(await decompress(one, await compress(one, part))), part);
  }
});

test('any bytes come back, and take hardly more room than themselves', async () => {
  const noise = Uint8Array.from({ length: 700 }, () => random.below(256));
  const story = utf8.encode(STORY.slice(0, 600));
  const cases = {
    noise,
    mixed: Buffer.concat([story, noise, story, Uint8Array.of(0xff), story, Uint8Array.of(0xe4)]),
    marks: utf8.encode('\ufeffa\0b<|endoftext|>\u0000\ud83d\ude00<|endoftext|>'),
    zeros: new Uint8Array(3000),
  };
  for (const [name, bytes] of Object.entries(cases)) {
    const file = await compress(narrow, bytes);
    assert.equal(Buffer.from(await decompress(narrow, file)), Buffer.from(bytes), name);
    assert.ok(file.length <= bytes.length + 50, `${name}: ${file.length}`);
  }
  const { buffer } = noise;
  assert.equal(await compress(narrow, buffer), await compress(narrow, new DataView(buffer)));
});

test('the size is within 0.1 % of the bits by which the text surprises the model, and the header', async () => {
  const ids = narrow.tokenizer.encode(STORY);
  // Twelve segments in windows of three quarters of the context.
  const length = Math.ceil(ids.length / 12);
  const parts = Array.from({ length: 12 }, (_, i) => ids.slice(i * length, (i + 1) * length));
  const scores = await narrow.score(parts, { stride: 18 });
  const bytes = scores.reduce((sum, score) => sum - score.sum, 0) / Math.LN2 / 8;
  const { length: size } = await compress(narrow, STORY);
  assert.ok(size - 60 < 1.001 * bytes && size > 0.999 * bytes, `${size} for ${bytes}`);
});

test('threads, other work at the same time and little memory change no bit', async () => {
  const file = await compress(narrow, STORY);
  const contextLength = 24;
  await withModel({ contextLength, threads: 2 }, async (threaded) => {
    const others = Array.from({ length: 5 }, () => threaded.generate('A', { maxTokens: 20 }));
    assert.equal(await compress(threaded, STORY), file);
    assert.is(text(await decompress(threaded, file)), STORY);
    await Promise.all(others);
  });
});

test('a model in a worker gives the same bytes, reports progress and can be stopped', async () => {
  const { worker } = fakeWorker();
  const remote = await createWorkerModel(storiesTiny, { worker, ...OPTIONS });
  const file = await compress(model, STORY);
  const told: { done: number; total: number }[] = [];
  const data = utf8.encode(STORY);
  const onProgress = (progress: { done: number; total: number }) => void told.push(progress);
  assert.equal(await compress(remote, data, { onProgress }), file);
  assert.is(data.length, utf8.encode(STORY).length);
  const total = model.tokenizer.encode(STORY).length;
  assert.equal(
    [told[0], told.at(-1)],
    [
      { done: 0, total },
      { done: total, total },
    ],
  );
  told.length = 0;
  assert.is(text(await decompress(remote, file, { onProgress })), STORY);
  assert.equal(told.at(-1), { done: total, total });
  assert.ok(told.length > 3);
  await stopped((signal, onProgress) => compress(remote, STORY, { signal, onProgress }));
  await stopped((signal, onProgress) => decompress(remote, file, { signal, onProgress }));
  remote.dispose();
});

/** Fails unless the work ends with `aborted` if the signal fires while it reports progress. */
async function stopped(
  work: (signal: AbortSignal, onProgress: () => void) => Promise<unknown>,
): Promise<void> {
  const controller = new AbortController();
  await thrown(() => work(controller.signal, () => controller.abort()), 'aborted', /compressing was aborted/);
}

test('bytes that change while they are compressed come back as they were', async () => {
  const data = utf8.encode(STORY);
  const file = await compress(narrow, data, { onProgress: () => void data.fill(0x61, 0, 500) });
  assert.is.not(text(data), STORY);
  assert.is(text(await decompress(narrow, file)), STORY);
});

test('work is stopped before it begins and while it runs', async () => {
  const file = await compress(model, STORY);
  await stopped((signal, onProgress) => compress(model, STORY, { signal, onProgress }));
  await stopped((signal, onProgress) => decompress(model, file, { signal, onProgress }));
  await thrown(() => compress(model, STORY, { signal: AbortSignal.abort() }), 'aborted');
  await thrown(() => decompress(model, file, { signal: AbortSignal.abort() }), 'aborted');
  assert.is(model.stats().pages.used, 0);
});

test('changed and truncated bytes are refused', async () => {
  const file = await compress(model, SHORT);
  for (let length = 0; length < file.length; length++) {
    await thrown(() => decompress(model, file.slice(0, length)), 'invalid-file', /cannot be decompressed/);
  }
  for (let i = 0; i < file.length; i++) {
    const changed = file.slice();
    changed[i]! ^= 1 << (i % 8);
    await thrown(() => decompress(model, changed), 'invalid-file', /cannot be decompressed/);
  }
  await thrown(() => decompress(model, Buffer.concat([file, Buffer.alloc(1)])), 'invalid-file', /changed/);
  await thrown(() => decompress(model, utf8.encode(STORY)), 'invalid-file', /does not begin/);
});

test('forged bytes, whose checksum is right, end in an error, or give what was compressed', async () => {
  const content = SHORT.slice(0, 80);
  const file = await compress(model, content);
  const random = randomSource(5);
  const forged = (bytes: Uint8Array) => {
    const end = bytes.length - 4;
    const hash = new Uint8Array(hashOfBytes(bytes.subarray(0, end)).slice().buffer, 0, 4);
    return Uint8Array.from([...bytes.subarray(0, end), ...hash]);
  };
  assert.equal(forged(file), file);
  const tried: Uint8Array[] = [];
  for (let run = 0; run < 50; run++) {
    const changed = file.slice();
    for (let count = 1 + random.below(3); count > 0; count--) {
      changed[random.below(file.length)] = random.below(256);
    }
    const at = random.below(file.length);
    const inserted = [...file.subarray(0, at), random.below(256), ...file.subarray(at)];
    tried.push(changed, file.slice(0, at + 4), Uint8Array.from(inserted));
  }
  // Numbers of tokens and bytes that a small file cannot have: 2 ** 29 each.
  const many = [0x80, 0x80, 0x80, 0x80, 0x02];
  // Up to the stride, then one segment, tokens, bytes, and no stored bytes.
  const header = [...file.subarray(0, 25), 1, ...many, ...many, 0];
  tried.push(Uint8Array.from([...header, ...file.subarray(-30)]));
  let restored = 0;
  for (const bytes of tried) {
    try {
      assert.is(text(await decompress(model, forged(bytes))), content);
      restored++;
    } catch (error) {
      await thrown(() => {
        throw error;
      }, 'invalid-file');
    }
  }
  assert.ok(restored < tried.length / 2);
});

test('another model, context, format, build or adapter is refused, and named', async () => {
  const file = await compress(model, STORY.slice(0, 100));
  const refuses = (options: LoadModelOptions, words: RegExp, source?: unknown) =>
    withModel(
      options,
      (other) => thrown(() => decompress(other, file), 'invalid-file', words).then(() => {}),
      source,
    );
  await refuses({ contextLength: 30 }, /a context of 256 tokens, and this model has 30/);
  await refuses({ weights: 'q8' }, /weights in f32, and this model has q8/);
  await refuses({ kvCache: 'f16' }, /kvCache in f32, and this model has f16/);
  const other = await shardedFiles();
  const small = await loadModel(other, OPTIONS);
  const its = await compress(small, 'Once upon a time');
  small.dispose();
  await withModel({ contextLength: 40 }, async (own) => {
    await thrown(() => decompress(own, its), 'invalid-file', /another model/);
  });
  const target = memoryTarget();
  await writeAdapter(target, randomAdapter(model.config, 3, 2, ['mlp.c_fc']), null);
  const adapted = await model.withAdapters([target.files]);
  await thrown(() => decompress(adapted, file), 'invalid-file', /without adapters, and this model has some/);
  const own = await compress(adapted, STORY.slice(0, 100));
  await thrown(() => decompress(model, own), 'invalid-file', /with other adapters/);
  assert.is(text(await decompress(adapted, own)), STORY.slice(0, 100));
});

test('the relaxed build is refused', async () => {
  await withModel({ build: BUILDS[1] }, async (relaxed) => {
    await thrown(() => compress(relaxed, 'a'), 'invalid-option', /build: 'simd'/);
    await thrown(() => decompress(relaxed, new Uint8Array(4)), 'invalid-option', /build: 'simd'/);
  });
});

test('wrong arguments are refused', async () => {
  await thrown(() => compress(model, 5 as never), 'invalid-option', /data is 5/);
  await thrown(() => compress(model, 'a\ud800'), 'invalid-option', /lone surrogate/);
  await thrown(() => compress(model, 'a', { maxBytes: 3 } as never), 'invalid-option', /maxBytes is not/);
  await thrown(() => decompress(model, 'G2WZ' as never), 'invalid-option', /file is/);
  await thrown(() => compress({} as never, 'a'), 'invalid-option', /model/);
  const file = await compress(model, 'Once upon a time');
  await thrown(
    () => decompress(model, file, { maxBytes: 15 }),
    'invalid-file',
    /hold 16 bytes, more than maxBytes, 15/,
  );
  assert.is((await decompress(model, file, { maxBytes: 16 })).length, 16);
  await thrown(() => decompress(model, file, { maxBytes: -1 }), 'invalid-option', /maxBytes/);
});

test.run();
