import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileFormat, type GenerateOptions, loadModel, type Model, type Token } from '../../src/index.js';
import type { CallMessage } from '../../src/worker/protocol.js';
import { wireSource } from '../../src/worker/wire_source.js';
import { createWorkerModel, type WorkerModel, type WorkerModelOptions } from '../../src/worker.js';
import { checkpointFolder } from '../support/checkpoints.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';
import { fakeWorkers } from './fake_worker.js';

const FOLDER = fileURLToPath(storiesTiny);
const OPTIONS = { temperature: 0.9, seed: 3, maxTokens: 12, logprobs: 2 };

const fakeWorker = fakeWorkers(test);

async function both(
  use: (remote: WorkerModel, local: Model, calls: CallMessage[]) => Promise<void>,
): Promise<void> {
  const { worker, calls } = fakeWorker();
  const remote = await createWorkerModel(storiesTiny, { worker, build: 'simd' });
  const local = await loadModel(storiesTiny, { build: 'simd' });
  try {
    await use(remote, local, calls);
  } finally {
    remote.dispose();
    local.dispose();
  }
}

const load = (source: Parameters<typeof createWorkerModel>[0], options: WorkerModelOptions = {}) =>
  createWorkerModel(source, { worker: fakeWorker().worker, ...options });

test('a model in a worker does as one here', () =>
  both(async (remote, local) => {
    assert.equal(remote.config, local.config);
    assert.equal(remote.runtime, local.runtime);
    const { timings: _, ...there } = await remote.generate('Once upon a time', OPTIONS);
    const { timings: __, ...here } = await local.generate('Once upon a time', OPTIONS);
    assert.equal(there, here);
    const [sessionThere, sessionHere] = [remote.session(), local.session()];
    await sessionThere.append('A ca');
    sessionHere.append('A ca');
    for (const options of [{ heal: true }, {}]) {
      await sessionThere.append('t sa');
      sessionHere.append('t sa');
      const { text } = await sessionThere.generate(undefined, { ...OPTIONS, ...options });
      assert.is(text, (await sessionHere.generate(undefined, { ...OPTIONS, ...options })).text);
    }
    assert.equal(await sessionThere.tokens(), sessionHere.tokens);
    await thrown(() => sessionThere.append([-1]), 'invalid-option', 'appended');
    assert.equal(await remote.score('A cat sat.'), await local.score('A cat sat.'));
    const { tokensPerSecond, ...counts } = await remote.stats();
    const { tokensPerSecond: _rate, ...countsHere } = local.stats();
    assert.equal(counts, countsHere);
    assert.ok(tokensPerSecond > 0);
    const saved = await sessionThere.save();
    assert.equal(saved, await sessionHere.save());
    const restored = await remote.restore(saved);
    assert.ok(saved.length > 0, 'the bytes stay here');
    assert.equal(await restored.tokens(), sessionHere.tokens);
    const { text: after } = await restored.generate(undefined, OPTIONS);
    assert.is(after, (await sessionHere.fork().generate(undefined, OPTIONS)).text);
    restored.dispose();
    await thrown(() => remote.restore(saved.slice(1)), 'invalid-file');
    const texts = ['A cat.', [5, 9, 2], ''];
    assert.equal(await remote.score(texts, { start: true }), await local.score(texts, { start: true }));
    await thrown(() => remote.score('a', { signal: AbortSignal.abort() }), 'aborted');
    const controller = new AbortController();
    const long = remote.score('cat '.repeat(2000), { stride: 8, signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await thrown(() => long, 'aborted');
    const ids = local.tokenizer.encode('A cat sat.');
    assert.equal(await remote.tokenizer.encode('A cat sat.'), ids);
    assert.is(await remote.tokenizer.decode(Int32Array.from(ids)), 'A cat sat.');
    for (const list of [{ length: 1e9 }, new Array(2), [NaN], null] as never[]) {
      await thrown(() => remote.tokenizer.decode(list), 'invalid-option');
      await thrown(async () => local.tokenizer.decode(list), 'invalid-option');
      for (const model of [remote, local]) {
        await thrown(() => model.score(list), 'invalid-option');
        await thrown(() => model.logits(list), 'invalid-option');
        await thrown(() => model.generate(list), 'invalid-option');
      }
    }
    assert.equal(await remote.logits(Uint32Array.from(ids)), await local.logits(ids));
    const embeddings = Float32Array.from({ length: 3 * local.config.channels }, (_, i) => Math.sin(i) / 5);
    const inputs = { embeddings, positions: 2 };
    for (const text of [ids, []]) {
      assert.equal(await remote.logits(text, { inputs }), await local.logits(text, { inputs }));
      assert.equal(await remote.embed(text, { inputs }), await local.embed(text, { inputs }));
      const { tokens } = await remote.generate(text, { ...OPTIONS, inputs });
      assert.equal(tokens, (await local.generate(text, { ...OPTIONS, inputs })).tokens);
    }
    assert.equal(await remote.embed(texts), await local.embed(texts));
    await thrown(() => remote.embed('a', { signal: AbortSignal.abort() }), 'aborted');
    const choices = [' sat', ' dog sat'];
    assert.equal(await remote.choose('A', choices), await local.choose('A', choices));
    const byMean = [ids, choices.map((choice) => local.tokenizer.encode(choice)), { by: 'mean' }] as const;
    assert.equal(await remote.choose(...byMean), await local.choose(...byMean));
    await thrown(() => remote.choose('A', choices, { signal: AbortSignal.abort() }), 'aborted');
    await thrown(() => remote.choose('A', [() => {}] as never), 'invalid-option', 'choices[0]');
    assert.equal(await remote.loglikelihood('', 'A b'), await local.loglikelihood('', 'A b'));
    assert.equal(await remote.loglikelihood([], [5]), await local.loglikelihood([], [5]));
    await thrown(() => remote.loglikelihood((() => {}) as never, 'A'), 'invalid-option', 'token ids');
    await thrown(() => remote.loglikelihood('A', []), 'invalid-option', 'continuation');
    await thrown(() => remote.embed('a', { pooling: 'max' as 'mean' }), 'invalid-option', 'pooling');
    await thrown(() => remote.session().generate('a', { inputs }), 'invalid-option', 'inputs');
    assert.equal((await remote.generate(ids, OPTIONS)).tokens, (await local.generate(ids, OPTIONS)).tokens);
  }));

test('a stream gives the same tokens, each when it is asked for', () =>
  both(async (remote, local, calls) => {
    const take = async (model: Model | WorkerModel, count: number) => {
      const tokens: Token[] = [];
      const stream = model.stream('Once upon a time', OPTIONS);
      for await (const token of stream) {
        tokens.push(token);
        if (tokens.length === count) break;
      }
      const { finishReason, tokens: ids, text } = await stream.completion;
      return { tokens, finishReason, ids, text };
    };
    assert.equal(await take(remote, 99), await take(local, 99));
    calls.length = 0;
    const left = await take(remote, 3);
    assert.equal(left, await take(local, 3));
    assert.is(left.finishReason, 'aborted');
    assert.equal(
      calls.map(({ call }) => call),
      ['stream', 'next', 'next', 'next', 'endStream'],
    );

    const unused = remote.stream('Once');
    await unused.return();
    assert.equal((await unused.completion).tokens, []);
  }));

test('searches find the same texts, and a signal ends one with the best texts so far', () =>
  both(async (remote, local) => {
    const searches: GenerateOptions[] = [
      {
        ...{ beams: 4, returned: 4, beamGroups: 2, diversityPenalty: 1, lengthPenalty: 0, logprobs: 1 },
        ...{ earlyStopping: 'never', minTokens: 4, sequenceBias: [{ tokens: [300], bias: -Infinity }] },
      },
      { penaltyAlpha: 0.6, topK: 4 },
    ];
    for (const options of searches) {
      const all = { maxTokens: 8, ...options };
      for (const open of [(model: Model | WorkerModel) => model, (model: Model) => model.session()]) {
        const there = await open(remote as never).generate('Once upon a time', all);
        const here = await open(local).generate('Once upon a time', all);
        assert.equal(there.choices, here.choices);
        assert.equal(there.usage, here.usage);
      }
    }
    const controller = new AbortController();
    const { signal } = controller;
    const found = remote.generate('Once', { beams: 4, maxTokens: 100, ignoreEos: true, signal });
    setTimeout(() => controller.abort());
    assert.is((await found).finishReason, 'aborted');
  }));

test('speculation from the prompt changes nothing there either, and a draft model is refused by name', () =>
  both(async (remote, local) => {
    const prompt = 'The big dog sat. The big dog sat. The big';
    const options = { ...OPTIONS, temperature: 0.1, maxTokens: 30 };
    const { tokens, logprobs, usage } = await remote.generate(prompt, { ...options, speculate: 'prompt' });
    const plain = await local.generate(prompt, options);
    assert.equal({ tokens, logprobs }, { tokens: plain.tokens, logprobs: plain.logprobs });
    assert.ok(usage.draftTokens >= usage.acceptedDraftTokens);
    for (const model of [remote, remote.session()]) {
      await thrown(async () => model.generate('Once', { draft: local }), 'invalid-option', 'draft', 'worker');
    }
    await thrown(() => local.generate('Once', { draft: remote }), 'invalid-option', 'draft');
  }));

test('a format crosses, compiled or not, and its errors come back', () =>
  both(async (remote, local) => {
    const compiled = await compileFormat({ regex: '(cat|dog)s? (sat|ran)\\.' });
    for (const format of [compiled, compiled.definition, { choices: ['a red ball', 'a dog'] }]) {
      const { timings: _, ...there } = await remote.generate('The', { ...OPTIONS, format });
      const { timings: __, ...here } = await local.generate('The', { ...OPTIONS, format });
      assert.equal(there, here);
      assert.ok((await compileFormat(format)).accepts(there.text), there.text);
    }
    await thrown(
      () => remote.generate('The', { format: { regex: '(' } }),
      'invalid-option',
      'regular expression /(/',
    );
  }));

test('rare samplers change the text there as they do here, and processors of your own are refused by name', () =>
  both(async (remote, local) => {
    const rare = { xtcProbability: 0.5, dryMultiplier: 1, topH: 0.9, samplers: ['topH', 'xtc'] as const };
    for (const options of [rare, { mirostat: 2 as const }, { forcedEos: [11], maxTokens: 4 }]) {
      const [there, here] = [remote, local].map((model) =>
        model.generate('The big dog', { ...OPTIONS, ...options, temperature: undefined }),
      );
      assert.equal((await there!).tokens, (await here!).tokens);
    }
    const processors = [{ apply: () => {} }];
    for (const model of [remote, remote.session()]) {
      await thrown(
        async () => model.generate('Once', { processors }),
        'invalid-option',
        'processors',
        'worker',
      );
    }
  }));

test('a session keeps its tokens', () =>
  both(async (remote, local) => {
    const [there, here] = [remote.session(), local.session()];
    for (const prompt of ['Once upon a time', 'Once upon a time there was']) {
      const a = await there.generate(prompt, OPTIONS);
      const b = await here.generate(prompt, OPTIONS);
      assert.equal([a.text, a.usage], [b.text, b.usage]);
      assert.equal(await there.tokens(), here.tokens);
    }
    await there.rewind(3);
    here.rewind(3);
    const [fork, localFork] = [there.fork(), here.fork()];
    assert.equal(await fork.tokens(), localFork.tokens);
    assert.is((await fork.tokens()).length, 3);
    there.dispose();
    await thrown(() => there.tokens(), 'disposed');
    await thrown(() => there.generate('x'), 'disposed');
    assert.is((await fork.generate('Once upon', OPTIONS)).tokens.length, 12);
    await thrown(() => fork.rewind(-1), 'invalid-option', /rewind to -1/);
  }));

test('a signal ends a generation with what there is', () =>
  both(async (remote) => {
    const controller = new AbortController();
    const stream = remote.stream('Once', { ...OPTIONS, maxTokens: 100, signal: controller.signal });
    let count = 0;
    for await (const _ of stream) if (++count === 4) controller.abort();
    const { finishReason, tokens } = await stream.completion;
    assert.is(finishReason, 'aborted');
    assert.ok(tokens.length >= 4 && tokens.length < 100);
    const before = await remote.generate('Once', { signal: AbortSignal.abort() });
    assert.is(before.finishReason, 'aborted');
    assert.equal(before.tokens, []);
  }));

test('errors cross with their codes', () =>
  both(async (remote) => {
    await thrown(() => remote.stream('Once', { maxTokens: 0 }), 'invalid-option', /maxTokens is 0/);
    await thrown(() => remote.stream(3 as never), 'invalid-option', /the prompt is 3/);
    await thrown(() => remote.stream([5000]), 'invalid-option', /token 0/);
    await thrown(() => remote.score('cat '.repeat(400)), 'context-full');
    const stream = remote.stream('cat '.repeat(400), { contextFull: 'error' });
    await thrown(() => stream.next(), 'context-full');
    await thrown(() => stream.completion, 'context-full');
    assert.equal(await stream.next(), { done: true, value: undefined });
    assert.is((await remote.generate('Once', OPTIONS)).tokens.length, 12);
  }));

test('rare options are checked in the worker, at the first token', () =>
  both(async (remote) => {
    const session = remote.session();
    for (const [options, words] of [
      [{ returned: 2 }, 'returned is 2, but beams is 1'],
      [{ bannedTokens: [-1] }, 'bannedTokens[0] is -1'],
      [{ logitBias: { 3: () => 1 } }, 'logitBias is an object; it must be data'],
      [{ beams: () => 2 }, 'beams is a function; it must be data'],
    ] as unknown as [GenerateOptions, string][]) {
      for (const owner of [remote, session]) {
        const stream = owner.stream('Once', options);
        await thrown(() => stream.next(), 'invalid-option', words);
        await thrown(() => stream.completion, 'invalid-option', words);
        await thrown(() => owner.generate('Once', options), 'invalid-option', words);
      }
    }
    await thrown(
      () => remote.stream('Once', { num_beams: 2 } as GenerateOptions),
      'invalid-option',
      'did you mean beams?',
    );
    assert.is((await session.generate('Once', OPTIONS)).tokens.length, 12);
    session.dispose();
  }));

test('what cannot be loaded is said, and the worker ended', async () => {
  await thrown(() => load('/no/such/folder'), 'not-found', /no\/such\/folder/);
  await thrown(() => load({ name: '', list() {}, read() {} } as never), 'invalid-option', /source/);
  await thrown(() => load(storiesTiny, { build: 'fast' as never }), 'invalid-option', /build is "fast"/);
  await thrown(() => load(storiesTiny, { tokenizer: {} } as never), 'invalid-option', /tokenizer is not/);
  await thrown(() => load(storiesTiny, { signal: AbortSignal.abort() }), 'aborted');
  const { worker, stopped } = fakeWorker();
  const controller = new AbortController();
  const loading = createWorkerModel(storiesTiny, { worker, signal: controller.signal });
  controller.abort();
  await thrown(() => loading, 'aborted');
  assert.ok(stopped());
});

/** Runs a module on the built package; gives its output and status once it has ended by itself. */
function runProgram(body: string) {
  const script = `
    import { embeddedModel } from './build/esm/index.js';
    import { createWorkerModel } from './build/esm/worker.js';
    ${body}`;
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const node = ['--input-type=module', '-e', script];
  const { stdout, status } = spawnSync(process.execPath, node, { cwd, encoding: 'utf8', timeout: 300_000 });
  return { stdout, status };
}

for (const threads of [1, 2]) {
  test(`a process ends by itself, its model in a worker with ${threads} threads not disposed`, () => {
    const { stdout, status } = runProgram(`
      const model = await createWorkerModel(embeddedModel, { threads: ${threads} });
      const session = model.session();
      const { tokens } = await session.generate('Once', { maxTokens: 5, ignoreEos: true });
      console.log(tokens.length, model.runtime.threads);`);
    assert.is(stdout, `5 ${threads}\n`);
    assert.is(status, 0);
  });
}

test('a process stays alive for calls that have no answer yet', () => {
  const { stdout, status } = runProgram(`
    const loading = createWorkerModel(embeddedModel);
    loading.then(async (model) => {
      const texts = ['Once', 'One day'].map((prompt) => model.generate(prompt, { maxTokens: 3, ignoreEos: true }));
      for (const { tokens } of await Promise.all(texts)) console.log(tokens.length);
      model.score('A cat').then(({ tokens }) => console.log(tokens.length > 1));
    });`);
  assert.is(stdout, '3\n3\ntrue\n');
  assert.is(status, 0);
});

test('files are moved, and progress is told', async () => {
  const files = Object.fromEntries(
    readdirSync(FOLDER).map((name) => [name, new Uint8Array(readFileSync(FOLDER + name)).slice()]),
  );
  const seen: number[] = [];
  const model = await load(files, { onProgress: ({ loaded, total }) => seen.push(loaded / total) });
  assert.is(seen.at(-1), 1);
  assert.is((await model.generate('Once', OPTIONS)).tokens.length, 12);
  for (const bytes of Object.values(files)) assert.is(bytes.length, 0);
  model.dispose();
});

test('files as Node reads them are taken, and bytes that were moved are refused', async () => {
  const files = Object.fromEntries(
    readdirSync(FOLDER).map((name) => [name, readFileSync(FOLDER + name) as Uint8Array<ArrayBuffer>]),
  );
  const model = await load(files);
  assert.is((await model.generate('Once', OPTIONS)).tokens.length, 12);
  model.dispose();
  const buffer = new ArrayBuffer(8);
  await thrown(() => load({ 'config.json': buffer, 'vocab.json': new Uint8Array(buffer) }), 'not-found');
  await thrown(() => load({ 'config.json': buffer }), 'invalid-option', 'moved to a worker');
  await thrown(
    () =>
      load({
        'config.json': new Uint8Array(readFileSync(`${FOLDER}config.json`)),
        'model.safetensors': files['model.safetensors']!,
      }),
    'invalid-option',
    'moved to a worker before',
  );
});

test('a model without a tokenizer continues token ids, and refuses text', async () => {
  const model = await load(checkpointFolder('base'));
  const session = model.session();
  const { tokens, text } = await session.generate([1, 2], { maxTokens: 3, ignoreEos: true });
  assert.equal([tokens.length, text], [3, '']);
  await thrown(() => session.generate('one'), 'not-found', 'tokenizer');
  await thrown(() => model.tokenizer.encode('one'), 'not-found', 'tokenizer');
  assert.is((await session.fork().tokens()).length, 4);
  session.dispose();
  await thrown(() => session.tokens(), 'disposed');
  model.dispose();
});

test('addresses are those of the page', async () => {
  const scope = globalThis as { location?: { href: string } };
  assert.is(await wireSource('models/a/stories.gguf'), 'models/a/stories.gguf');
  scope.location = { href: 'http://host/app/index.html' };
  try {
    for (const [source, address] of [
      ['stories.gguf', 'http://host/app/stories.gguf'],
      ['models/a/gpt2/', 'http://host/app/models/a/gpt2/'],
      ['./gpt2', 'http://host/app/gpt2'],
      ['/gpt2', 'http://host/gpt2'],
      ['owner/name', 'owner/name'],
      ['owner/name:file.gguf', 'owner/name:file.gguf'],
      ['https://other/gpt2/', 'https://other/gpt2/'],
    ] as const) {
      assert.is(await wireSource(source), address);
    }
  } finally {
    delete scope.location;
  }
});

test('after dispose every call throws disposed, and what runs does', async () => {
  const { worker, stopped } = fakeWorker();
  const model = await createWorkerModel(storiesTiny, { worker });
  const session = model.session();
  const running = model.generate('Once', { maxTokens: 200 });
  model.dispose();
  assert.ok(stopped());
  await thrown(() => running, 'disposed');
  for (const call of [
    () => model.generate('x'),
    () => model.stream('x'),
    () => model.session(),
    () => model.score('x'),
    () => model.runtime,
    () => session.generate('x'),
  ]) {
    await thrown(call, 'disposed');
  }
});

test('the built package runs a model in a thread of Node', async () => {
  const built: typeof import('../../src/worker.js') = await import(
    new URL('../../build/esm/worker.js', import.meta.url).href
  );
  const model = await built.createWorkerModel(FOLDER, { build: 'simd' });
  const local = await loadModel(FOLDER, { build: 'simd' });
  assert.is((await model.generate('Once', OPTIONS)).text, (await local.generate('Once', OPTIONS)).text);
  model.dispose();
});

test.run();
