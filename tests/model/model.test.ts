import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pageBytes } from '../../src/core/layout.js';
import {
  inspectModel,
  type LoadModelOptions,
  type LoadProgress,
  loadModel,
  loadTokenizer,
  type Model,
} from '../../src/index.js';
import { modelFile } from '../checkpoints/gguf/models.js';
import { writeGguf } from '../checkpoints/gguf/writer.js';
import { fixture, type Header, join, split } from '../checkpoints/support.js';
import { CHECKPOINTS, checkpointFolder, expectedOf } from '../support/checkpoints.js';
import { randomSource } from '../support/random.js';
import { folderFixture, memorySource } from '../support/sources.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';
import { tinyModel } from '../support/tiny_model.js';

const STORY = { temperature: 0.8, seed: 7, maxTokens: 40 };

async function withModel(use: (model: Model) => Promise<void>, options?: LoadModelOptions): Promise<void> {
  const model = await loadModel(storiesTiny, options);
  try {
    await use(model);
  } finally {
    model.dispose();
  }
}

test('a path, a file: URL and an object of files give the same logits', async () => {
  const ids = expectedOf('base').input_ids;
  const folder = checkpointFolder('base');
  const sources = [
    folder,
    new URL(`file://${folder}`),
    `file://${folder}`,
    folderFixture('fixtures/checkpoints/base'),
  ];
  const logits = await Promise.all(sources.map(async (source) => (await loadModel(source)).logits(ids)));
  for (const other of logits.slice(1)) assert.equal(other, logits[0]);
});

test('what is no source is refused', async () => {
  for (const source of [undefined, null, 3, {}, { list() {} }]) {
    await thrown(() => loadModel(source as never), 'invalid-option');
  }
  await thrown(() => loadModel('/no/such/folder'), 'not-found');
});

test('wrong load options are refused by name', async () => {
  await thrown(() => loadModel(storiesTiny, { bild: 'simd' } as never), 'invalid-option', /bild.*build/);
  await thrown(() => loadModel(storiesTiny, { build: 'fast' as never }), 'invalid-option', /build is "fast"/);
  for (const call of [loadModel, inspectModel]) {
    await thrown(
      () => call(storiesTiny, { weights: 'q9' as never }),
      'invalid-option',
      /weights is "q9"; it must be 'f32', 'q8' or 'q4'/,
    );
  }
});

test('the runtime says which build runs, with which weights', async () => {
  const model = await loadModel(storiesTiny, { build: 'simd' });
  assert.is(model.runtime.build, 'simd');
  assert.is(model.runtime.weights, 'f32');
  for (const weights of ['q8', 'q4'] as const) {
    assert.is((await loadModel(storiesTiny, { weights })).runtime.weights, weights);
  }
  assert.is(model.runtime.threads, 1);
  assert.ok(model.runtime.memoryBytes > 4 * 957_184);
});

test('stats say what waits and runs, and how much memory texts take', async () => {
  const model = await loadModel(storiesTiny, { build: 'simd' });
  const bytes = pageBytes(model.config, 'f32');
  const pages = { total: 1, used: 0, cached: 0, bytes };
  const { total } = model.stats().pages;
  assert.equal(model.stats(), { waiting: 0, running: 0, pages: { ...pages, total }, tokensPerSecond: 0 });
  const session = model.session();
  const calls = [
    session.generate('A', STORY),
    model.generate('The cat', STORY),
    session.generate('B', STORY),
  ];
  // The third one waits for the first, and asks for nothing.
  while (model.stats().running < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.equal([model.stats().waiting, model.stats().running], [0, 2]);
  await Promise.all(calls);
  const after = model.stats();
  // The session holds the last text; the other two are kept for texts that begin in the same way.
  assert.equal(after.pages, { total: 3, used: 1, cached: 2, bytes });
  assert.ok(after.tokensPerSecond > 0);
  session.dispose();
  model.dispose();
  await thrown(() => model.stats(), 'disposed');
});

test('progress ends at the total, and a fired signal ends the loading', async () => {
  const seen: number[] = [];
  let total = 0;
  await loadModel(storiesTiny, {
    onProgress: (progress) => {
      seen.push(progress.loaded);
      total = progress.total;
    },
  });
  assert.is(seen.at(-1), total);
  assert.equal(
    seen.toSorted((a, b) => a - b),
    seen,
  );
  await thrown(() => loadModel(storiesTiny, { signal: AbortSignal.abort() }), 'aborted');
  const controller = new AbortController();
  const onProgress = () => controller.abort();
  await thrown(
    () => loadModel(checkpointFolder('bf16-sharded'), { signal: controller.signal, onProgress }),
    'aborted',
  );
});

test('inspectModel knows the memory before loading, and loading keeps to it', async () => {
  for (const name of CHECKPOINTS) {
    for (const weights of ['f32', 'q8', 'q4'] as const) {
      const { memory, config, storedBytes } = await inspectModel(checkpointFolder(name), { weights });
      assert.is(memory.total, memory.weights + memory.cache + memory.scratch);
      assert.ok(storedBytes > 0);
      const model = await loadModel(checkpointFolder(name), { weights });
      assert.equal(model.config, config);
      // Page rounding, the binary's own data and the staging of tiny models come on top.
      const staging = 3 * 4 * memory.parameters;
      assert.ok(model.runtime.memoryBytes < memory.total + staging + 256 * 1024, `${name}, ${weights}`);
    }
  }
  const f32 = await inspectModel(storiesTiny);
  const q8 = await inspectModel(storiesTiny, { weights: 'q8' });
  const q4 = await inspectModel(storiesTiny, { weights: 'q4' });
  assert.equal(await inspectModel(storiesTiny, { weights: 'f32' }), f32);
  assert.ok(q8.memory.weights < 0.32 * f32.memory.weights);
  assert.ok(q4.memory.weights < 0.19 * f32.memory.weights);
});

test('a shorter context gives the same logits in less memory, for sequences that fit it', async () => {
  const random = randomSource(20);
  for (const [name, source] of [
    ['base', checkpointFolder('base')],
    ['bf16-sharded', checkpointFolder('bf16-sharded')],
    ['a GGUF file', new Uint8Array(writeGguf(modelFile('base')))],
  ] as const) {
    const whole = await loadModel(source, { build: 'simd' });
    const most = whole.config.contextLength;
    const ids = Array.from({ length: most }, () => random.below(whole.config.vocabSize));
    const logits = await whole.logits(ids);
    for (const contextLength of [1, 1 + random.below(most - 1), most]) {
      let loaded = 0;
      const onProgress = (progress: LoadProgress) => {
        loaded = progress.loaded;
        assert.ok(progress.loaded <= progress.total);
      };
      const model = await loadModel(source, { build: 'simd', contextLength, onProgress });
      assert.is(model.config.contextLength, contextLength);
      const got = await model.logits(ids.slice(0, contextLength));
      assert.equal(got, logits.subarray(0, got.length), `${name}, ${contextLength}`);
      if (contextLength < most) {
        await thrown(() => model.logits(ids.slice(0, contextLength + 1)), 'context-full', /context of \d+/);
      }
      const { config, memory, storedBytes } = await inspectModel(source, { contextLength });
      const own = await inspectModel(source);
      assert.equal(config, model.config);
      assert.equal([storedBytes, memory.parameters], [own.storedBytes, own.memory.parameters]);
      assert.ok(memory.cache <= own.memory.cache && memory.weights <= own.memory.weights);
      assert.is(loaded < storedBytes, contextLength < most);
    }
  }
});

test('a context that is no length, or longer than the model, is refused', async () => {
  for (const call of [loadModel, inspectModel]) {
    for (const contextLength of [0, -1, 1.5, 257, NaN, '64', null]) {
      await thrown(
        () => call(storiesTiny, { contextLength: contextLength as never }),
        'invalid-option',
        /contextLength is .*; it must be an integer from 1 to 256/,
      );
    }
  }
});

test('a text ends, or goes on from its recent half, where a shorter context is full', async () => {
  const model = await loadModel(storiesTiny, { contextLength: 24 });
  const options = { maxTokens: 40, seed: 1, ignoreEos: true };
  const stopped = await model.generate('Once upon a time', options);
  assert.is(stopped.finishReason, 'context');
  assert.is(stopped.usage.promptTokens + stopped.tokens.length, 24 + 1);
  const shifted = await model.generate('Once upon a time', { ...options, contextFull: 'shift' });
  assert.is(shifted.tokens.length, 40);
  assert.equal(shifted.tokens.slice(0, stopped.tokens.length), stopped.tokens);
});

/** A fixture's files with the tensors of 16 bits stored as the same numbers in F32. */
function inF32(name: string, toF32: (bits: number) => number): Record<string, Uint8Array> {
  const files = fixture(name);
  for (const [path, file] of Object.entries(files)) {
    if (!path.endsWith('.safetensors')) continue;
    const { header, data } = split(file);
    const wide: Header = {};
    const numbers: number[] = [];
    for (const [tensor, { dtype, shape, data_offsets }] of Object.entries(header)) {
      if (!dtype.endsWith('F16')) continue;
      const start = 4 * numbers.length;
      numbers.push(
        ...Array.from(new Uint16Array(Uint8Array.from(data.subarray(...data_offsets)).buffer), toF32),
      );
      wide[tensor] = { dtype: 'F32', shape, data_offsets: [start, 4 * numbers.length] };
    }
    files[path] = join(wide, new Uint8Array(Float32Array.from(numbers).buffer));
  }
  return files;
}

function fromBF16(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!;
}

function fromF16(bits: number): number {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return bits >> 15 ? -magnitude : magnitude;
}

test('q8 and q4 weights are the same from F16, from BF16 in several files, and from F32', async () => {
  const ids = [1, 2, 3];
  const cases = [
    ['f16-prefixed-masks', fromF16],
    ['bf16-sharded', fromBF16],
  ] as const;
  for (const [name, toF32] of cases) {
    const narrow = memorySource(name, fixture(name));
    const wide = memorySource(name, inF32(name, toF32));
    const f32 = await (await loadModel(narrow)).logits(ids);
    assert.equal(await (await loadModel(wide)).logits(ids), f32, name);
    for (const weights of ['q8', 'q4'] as const) {
      const quantized = await (await loadModel(narrow, { weights })).logits(ids);
      assert.equal(await (await loadModel(wide, { weights })).logits(ids), quantized, `${name}, ${weights}`);
      assert.not.equal(quantized, f32, `${name}, ${weights}`);
    }
  }
});

test('a checkpoint without a tokenizer computes logits, says what is missing, and takes a tokenizer', async () => {
  const folder = checkpointFolder('base');
  const model = await loadModel(folder);
  assert.is((await model.logits([1, 2, 3])).length, 3 * 97);
  await thrown(() => model.tokenizer, 'not-found');
  await thrown(() => model.stream('one'), 'not-found', /loadModel\(source, \{ tokenizer \}\)/);
  const tokenizer = await loadTokenizer(storiesTiny);
  const { tokens } = await (await loadModel(folder, { tokenizer })).generate([1, 2, 3], {
    maxTokens: 4,
    ignoreEos: true,
  });
  assert.is(tokens.length, 4);
});

test('token ids work without a tokenizer: the same tokens, and no text', async () => {
  const model = await loadModel(checkpointFolder('base'));
  const options = { maxTokens: 6, ignoreEos: true, temperature: 0, logprobs: 2 };
  const { text, tokens, logprobs } = await model.generate([1, 2, 3], options);
  assert.equal([text, tokens.length], ['', 6]);
  assert.is(logprobs![0]!.text, '');
  const streamed = [];
  for await (const token of model.stream([1, 2, 3], options)) streamed.push(token);
  assert.equal(
    streamed.map(({ id }) => id),
    tokens,
  );
  assert.ok(streamed.every((token) => token.text === ''));
  const session = model.session();
  assert.equal((await session.generate([1, 2, 3], options)).tokens, tokens);
  assert.equal((await session.fork().generate([1, 2, 3], options)).tokens, tokens);
  await thrown(() => model.generate([1], { stop: 'x' }), 'invalid-option', /stop needs the text of tokens/);
  await thrown(() => model.score('a text'), 'not-found', /no tokenizer/);
  assert.ok((await model.score([1, 2, 3])).sum < 0);
  model.dispose();
});

test('a tokenizer of your own: encode and decode alone', async () => {
  const calls: unknown[] = [];
  const tokenizer = {
    name: 'mine',
    encode(text: string, options?: unknown) {
      calls.push([this.name, text, options]);
      return Uint8Array.from(text, (character) => character.charCodeAt(0) % 97);
    },
    decode: (ids: number[]) => ids.map((id) => `<${id}>`).join(''),
  };
  const model = await loadModel(checkpointFolder('base'), { tokenizer });
  const options = { maxTokens: 150, ignoreEos: true, contextFull: 'shift', seed: 3 } as const;
  const { text, tokens } = await model.generate('ab', options);
  assert.equal(calls, [['mine', 'ab', { allowedSpecial: 'none' }]]);
  assert.is(text, tokenizer.decode([...tokens]));
  assert.equal((await model.generate([0, 1], options)).tokens, tokens);
  const cut = await model.generate('ab', { ...options, stop: `<${tokens[3]}>` });
  assert.ok(text.startsWith(cut.text) && cut.finishReason === 'stop');
  assert.equal(model.tokenizer.encode('a'), [0]);
  assert.is(model.tokenizer.decode([5]), '<5>');
  assert.is(model.tokenizer.vocabSize, 97);
  await thrown(() => model.tokenizer.files(), 'unsupported', /your own/);
  model.dispose();
  const small = await loadModel(checkpointFolder('base'), { tokenizer: { ...tokenizer, vocabSize: 3 } });
  assert.ok(
    (await small.generate('ab', options)).tokens.every((id) => id < 3),
    'ids above have no text',
  );
  small.dispose();
});

test('a tokenizer that is not read does not keep a model from one of your own', async () => {
  const config = '{"tokenizer_class":"CpmTokenizer"}';
  const files = { ...tinyModel(20), 'spiece.model': 'x', 'tokenizer_config.json': config };
  const source = memorySource('foreign', files);
  await thrown(() => loadModel(source), 'unsupported', /CpmTokenizer.*tokenizer: \{ encode, decode \}/);
  const model = await loadModel(source, { tokenizer: { encode: () => [1, 2], decode: () => 'x' } });
  assert.is((await model.generate('a', { maxTokens: 3, ignoreEos: true })).text, 'x');
  model.dispose();
});

test('a tokenizer of your own that cannot be used is refused, and what it throws is the cause', async () => {
  const folder = checkpointFolder('base');
  const good = { encode: () => [1], decode: () => '' };
  for (const tokenizer of [{}, null, 'gpt2', { encode: good.encode }, { ...good, decode: 3 }]) {
    const wrong = tokenizer as never;
    await thrown(
      () => loadModel(folder, { tokenizer: wrong }),
      'invalid-option',
      /tokenizer is .*encode\(text\)/,
    );
  }
  await thrown(
    () => loadModel(folder, { tokenizer: { ...good, vocabSize: 0 } }),
    'invalid-option',
    /vocabSize/,
  );
  const generate = async (tokenizer: object, prompt: string | number[] = 'a') => {
    const model = await loadModel(folder, { tokenizer: { ...good, ...tokenizer } as never });
    try {
      return await model.generate(prompt, { maxTokens: 2, ignoreEos: true });
    } finally {
      model.dispose();
    }
  };
  const fails = () => {
    throw new RangeError('too long');
  };
  const error = await thrown(() => generate({ encode: fails }), 'runtime', /encode .*failed: too long/);
  assert.instance(error.cause, RangeError);
  await thrown(() => generate({ decode: fails }, [1]), 'runtime', /decode .*failed: too long/);
  await thrown(() => generate({ encode: async () => [1] }), 'invalid-option', /encode .*returns a promise/);
  // A rejected promise of another realm must not stay unhandled.
  const encode = () => runInNewContext('Promise.reject(new Error("late"))');
  await thrown(() => generate({ encode }), 'invalid-option', /encode .*returns a promise/);
  await thrown(() => generate({ encode: () => [1, 97] }), 'invalid-option', /token 1 of the prompt is 97/);
  await thrown(() => generate({ encode: () => 'ids' }), 'invalid-option', /returns "ids"/);
  await thrown(
    () => generate({ decode: async () => '' }, [1]),
    'invalid-option',
    /decode .*returns a promise/,
  );
});

test('a tokenizer loads by itself from a folder and from bytes', async () => {
  const read = (name: string) => readFileSync(new URL(name, storiesTiny));
  const files = { 'vocab.json': read('vocab.json'), 'merges.txt': read('merges.txt') };
  const fromBytes = await loadTokenizer(memorySource('bytes', files));
  const fromFolder = await loadTokenizer(storiesTiny);
  assert.equal(fromBytes.encode('One day, a dog.'), fromFolder.encode('One day, a dog.'));
});

test('the same seed gives the same text, alone, streamed and in a session with evaluated tokens', () =>
  withModel(async (model) => {
    const { text, seed } = await model.generate('One day', STORY);
    assert.is(seed, 7);
    let streamed = '';
    for await (const token of model.stream('One day', STORY)) streamed += token.text;
    assert.is(streamed, text);
    const session = model.session();
    await session.generate('One day, the', { ...STORY, maxTokens: 3 });
    const reused = await session.generate('One day', STORY);
    assert.ok(reused.usage.cachedPromptTokens > 0);
    assert.is(reused.text, text);
  }));

test('two streams of one model at the same time do not disturb each other', () =>
  withModel(async (model) => {
    const prompts = ['One day', 'Lily and Tom'];
    const alone = [];
    for (const prompt of prompts) alone.push((await model.generate(prompt, STORY)).text);
    const together = await Promise.all(prompts.map((prompt) => model.generate(prompt, STORY)));
    assert.equal(
      together.map(({ text }) => text),
      alone,
    );
  }));

test('score agrees with logits and refuses what does not fit', () =>
  withModel(async (model) => {
    const { tokens, logprobs, sum } = await model.score('Once upon a time there was a dog.', {
      start: false,
    });
    const V = model.config.vocabSize;
    const logits = await model.logits(tokens);
    let total = 0;
    for (let i = 0; i + 1 < tokens.length; i++) {
      const row = Array.from(logits.subarray(i * V, (i + 1) * V));
      const largest = Math.max(...row);
      const logSumExp = largest + Math.log(row.reduce((sum, x) => sum + Math.exp(x - largest), 0));
      const logprob = row[tokens[i + 1]!]! - logSumExp;
      assert.ok(Math.abs(logprob - logprobs[i]!) < 1e-4);
      total += logprob;
    }
    assert.ok(Math.abs(total - sum) < 1e-3);
    await thrown(() => model.score(new Array<number>(257).fill(1)), 'context-full', 'stride');
    await thrown(() => model.logits([1024]), 'invalid-option');
  }));

test('log-probabilities of generated tokens are those that score gives', () =>
  withModel(async (model) => {
    const prompt = model.tokenizer.encode('Once upon a time');
    const { tokens, logprobs } = await model.generate(prompt, { ...STORY, logprobs: 3 });
    const score = await model.score([...prompt, ...tokens], { start: false });
    logprobs!.forEach(({ logprob, top }, i) => {
      assert.ok(Math.abs(logprob - score.logprobs[prompt.length - 1 + i]!) < 1e-4);
      assert.is(top.length, 3);
      assert.ok(top[0]!.logprob >= top[1]!.logprob && top[1]!.logprob >= top[2]!.logprob);
    });
  }));

/** Memory for the model and two texts that fill its context. */
async function smallMemory(): Promise<LoadModelOptions> {
  const { memory } = await inspectModel(storiesTiny);
  return { maxMemory: memory.total + memory.cache + 2 ** 20 };
}

test('10,000 generated tokens leave the memory flat', async () => {
  const options = await smallMemory();
  await withModel(async (model) => {
    const session = model.session();
    const generating = { maxTokens: 500, ignoreEos: true, contextFull: 'shift', keep: 4 } as const;
    await session.generate('Once upon a time', generating);
    const buffers: number[] = [];
    for (let round = 0; round < 20; round++) {
      await session.generate('Once upon a time', generating);
      buffers.push(process.memoryUsage().arrayBuffers);
    }
    assert.ok(model.runtime.memoryBytes <= options.maxMemory!);
    assert.ok(Math.max(...buffers) - Math.min(...buffers) < 8 * 1024 * 1024);
  }, options);
});

test('generations and disposed sessions give their pages back', async () => {
  const options = await smallMemory();
  await withModel(async (model) => {
    for (let i = 0; i < 20; i++) {
      await model.generate('One', { maxTokens: 2 });
      for await (const _ of model.stream('Two', { maxTokens: 5 })) break;
      const session = model.session();
      await session.generate('Three', { maxTokens: 1 });
      session.dispose();
      model.stream('never iterated');
    }
    assert.ok(model.runtime.memoryBytes <= options.maxMemory!);
  }, options);
});

test('everything after dispose is refused as disposed', async () => {
  const model = await loadModel(storiesTiny);
  const session = model.session();
  await session.generate('One', { maxTokens: 1 });
  model.dispose();
  await thrown(() => session.generate('One more'), 'disposed');
  await thrown(() => model.generate('One'), 'disposed');
  await thrown(() => model.logits([1]), 'disposed');
  await thrown(() => model.runtime, 'disposed');
});

test.run();
