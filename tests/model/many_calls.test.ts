import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pageBytes } from '../../src/core/layout.js';

import {
  type Completion,
  type GenerateOptions,
  inspectModel,
  loadModel,
  type Model,
  type TokenStream,
} from '../../src/index.js';
import { createWorkerModel, type WorkerModel } from '../../src/worker.js';
import { collectUntil } from '../support/garbage.js';
import { randomSource } from '../support/random.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';
import { countTurns } from '../support/turns.js';
import { fakeWorkers } from '../worker/fake_worker.js';

const PROMPTS = ['Once upon a time', 'The cat', 'One day a dog saw', 'Lily and Tom', 'A'];

const fakeWorker = fakeWorkers(test);

/** The memory of the model and about 30 pages of keys and values. */
const { memory, config } = await inspectModel(storiesTiny);
const MOST_MEMORY = memory.weights + memory.scratch + 40 * pageBytes(config, 'f32');
const OPTIONS = { build: 'simd', maxMemory: MOST_MEMORY } as const;

const here = () => loadModel(storiesTiny, OPTIONS);
const inWorker = () => createWorkerModel(storiesTiny, { worker: fakeWorker().worker, ...OPTIONS });
type AnyModel = Model | WorkerModel;

/** Runs a test with both kinds of model. */
function both(name: string, use: (model: AnyModel) => Promise<void>): void {
  for (const [place, load] of [
    ['here', here],
    ['in a worker', inWorker],
  ] as const) {
    test(`${place}: ${name}`, async () => {
      const model: AnyModel = await load();
      try {
        await use(model);
      } finally {
        model.dispose();
      }
    });
  }
}

/** Checks that the model keeps within its memory. */
async function assertBounded(model: AnyModel): Promise<void> {
  // The owner of a worker knows the memory at the time of the latest answer.
  await model.score([1, 2]);
  const { memoryBytes } = model.runtime;
  assert.ok(memoryBytes <= MOST_MEMORY, `${memoryBytes} bytes`);
}

/** The first numbers of all lists, then the second ones, and so on. */
function interleaved(lists: readonly (readonly number[])[]): number[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat();
}

async function idsOf(stream: TokenStream): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of stream) ids.push(id);
  return ids;
}

both('any number of calls at once succeed in the memory of a few', async (model) => {
  const alone = await Promise.all(PROMPTS.map((prompt) => model.score(prompt)));
  const scores = await Promise.all(Array.from({ length: 700 }, (_, i) => model.score(PROMPTS[i % 5]!)));
  for (const [i, { sum }] of scores.entries()) assert.is(sum, alone[i % 5]!.sum);
  const options = { maxTokens: 5, seed: 1 };
  const { tokens } = await model.generate('The cat', options);
  const all = await Promise.all(
    Array.from({ length: 100 }, async (_, i) => {
      if (i % 3 === 0) return idsOf(model.stream('The cat', options));
      return (await model.generate('The cat', options)).tokens;
    }),
  );
  for (const other of all) assert.equal(other, tokens);
  const logits = await Promise.all(Array.from({ length: 30 }, () => model.logits([3, 1, 4])));
  for (const other of logits) assert.equal(other, logits[0]);
  await assertBounded(model);
});

both('streams that are read a little and kept hold up nobody, and go on where they were', async (model) => {
  const options: GenerateOptions = { maxTokens: 8, seed: 4, ignoreEos: true };
  const alone = await Promise.all(PROMPTS.map((prompt) => model.generate(prompt, options)));
  const streams: { stream: TokenStream; ids: number[] }[] = [];
  for (let i = 0; i < 60; i++) {
    const stream = model.stream(PROMPTS[i % 5]!, options);
    streams.push({ stream, ids: [(await stream.next()).value!.id] });
  }
  assert.is((await model.generate('The cat', options)).text, alone[1]!.text);
  assert.ok((await model.score('The cat')).sum < 0);
  const session = model.session();
  assert.is((await session.generate('The cat', options)).text, alone[1]!.text);
  session.dispose();
  // Streams that are read in turns or all at once may evaluate their texts again, but give the same tokens.
  for (const { stream, ids } of streams.slice(0, 12)) ids.push((await stream.next()).value!.id);
  await Promise.all(
    streams.map(async ({ stream, ids }, i) => {
      for await (const { id } of stream) ids.push(id);
      assert.equal(ids, alone[i % 5]!.tokens);
    }),
  );
  await assertBounded(model);
});

both('streams and sessions that are forgotten give their memory back', async (model) => {
  await model.generate('A', { maxTokens: 1 });
  for (let i = 0; i < 30; i++) {
    await model.stream('The cat', { maxTokens: 9 }).next();
    // A session keeps its memory until it is garbage-collected.
    await model.session().generate('The cat', { maxTokens: 2 });
    if (i % 5 === 4) {
      let collected = 0;
      const registry = new FinalizationRegistry(() => collected++);
      registry.register({}, 0);
      await collectUntil(() => collected > 0);
    }
  }
  await assertBounded(model);
});

both('the completion of a stream needs no loop; a second loop is refused', async (model) => {
  const options = { maxTokens: 6, seed: 2 };
  const { text, tokens } = await model.generate('One day', options);
  assert.is((await model.stream('One day', options).completion).text, text);
  const session = model.session();
  const stream = session.stream('One day', options);
  assert.is((await stream.completion).text, text);
  assert.equal(await idsOf(stream), tokens);
  await thrown(() => idsOf(stream), 'invalid-option', 'iterated before');
  await thrown(
    () => model.stream('The '.repeat(300), { ...options, contextFull: 'error' }).completion,
    'context-full',
  );
});

both("a session's next generation waits for the one before, also after an abort", async (model) => {
  const options = { maxTokens: 10, seed: 3 };
  const [first, next] = await Promise.all(
    ['One day', 'The cat'].map((prompt) => model.generate(prompt, options)),
  );
  const session = model.session();
  const [a, b] = await Promise.all([
    session.generate('One day', options),
    session.generate('The cat', options),
  ]);
  assert.equal([a.text, b.text], [first!.text, next!.text]);
  for (let round = 0; round < 5; round++) {
    const controller = new AbortController();
    const running = session.generate('One day', { ...options, maxTokens: 200, signal: controller.signal });
    const stream = round % 2 === 0 ? undefined : session.stream('One day', { signal: controller.signal });
    const step = stream?.next();
    controller.abort();
    assert.is((await session.generate('The cat', options)).text, next!.text);
    assert.is((await running).finishReason, 'aborted');
    assert.equal(await step, step && { done: true, value: undefined });
  }
});

both('a call that waits ends with its signal, and a stream when its reader leaves', async (model) => {
  const running = Array.from({ length: 16 }, () =>
    model.generate('One day', { maxTokens: 12, seed: 1, ignoreEos: true }),
  );
  let ended = 0;
  for (const call of running) void call.then(() => ended++);
  const controller = new AbortController();
  const { signal } = controller;
  const warnings: Error[] = [];
  const warn = (warning: Error) => warnings.push(warning);
  process.on('warning', warn);
  const aborted = Array.from({ length: 20 }, () => model.generate('The cat', { signal }));
  const stream = model.stream('The cat');
  const step = stream.next();
  controller.abort();
  for (const { finishReason, tokens } of await Promise.all(aborted)) {
    assert.equal({ finishReason, tokens }, { finishReason: 'aborted', tokens: [] });
  }
  await stream.return();
  assert.is((await step).done, true);
  assert.is((await stream.completion).finishReason, 'aborted');
  assert.is(ended, 0, 'they waited for none of the calls before them');
  await Promise.all(running);
  process.off('warning', warn);
  assert.equal(warnings, [], 'Node suspects a leak of listeners');
});

both('dispose ends calls that compute and calls that wait', async (model) => {
  const calls = [
    ...Array.from({ length: 20 }, () => model.generate('One day', { maxTokens: 50, ignoreEos: true })),
    ...Array.from({ length: 20 }, () => model.score('The cat')),
    model.session().generate('One day', { ignoreEos: true }),
  ];
  const settled = Promise.allSettled(calls);
  await model.tokenizer.encode('x');
  model.dispose();
  for (const result of await settled) {
    assert.is(result.status, 'rejected');
    assert.is((result as PromiseRejectedResult).reason.code, 'disposed');
  }
});

both('random mixes of calls give what each gives alone', async (model) => {
  const random = randomSource(77);
  const alone = new Map<string, Completion>();
  const wanted = async (prompt: string, options: GenerateOptions) => {
    const key = JSON.stringify([prompt, options]);
    if (!alone.has(key)) alone.set(key, await model.generate(prompt, options));
    return alone.get(key)!;
  };
  for (let round = 0; round < 6; round++) {
    const sessions = [model.session(), model.session()];
    const jobs = Array.from({ length: 30 }, () => {
      const prompt = random.pick(PROMPTS);
      const options = { seed: random.below(3), maxTokens: random.pick([1, 4, 9]), n: random.pick([1, 1, 2]) };
      const owner = random.pick([model, model, model, ...sessions]);
      return { prompt, options, owner, kind: random.pick(['generate', 'stream', 'leave', 'abort', 'rest']) };
    });
    const whole = await Promise.all(jobs.map(({ prompt, options }) => wanted(prompt, options)));
    await Promise.all(
      jobs.map(async ({ prompt, options, owner, kind }, i) => {
        const { text, choices } = whole[i]!;
        const all = interleaved(choices.map(({ tokens }) => tokens));
        if (kind === 'generate') {
          assert.is((await owner.generate(prompt, options)).text, text);
          return;
        }
        const controller = new AbortController();
        const stream = owner.stream(prompt, { ...options, signal: controller.signal });
        const ids: number[] = [];
        const most = kind === 'stream' ? Infinity : 1 + (i % 4);
        for await (const { id } of stream) {
          ids.push(id);
          if (ids.length < most) continue;
          if (kind === 'leave') break;
          if (kind === 'abort') controller.abort();
          if (kind === 'rest') await new Promise((resolve) => setImmediate(resolve));
        }
        assert.equal(ids, kind === 'stream' || kind === 'rest' ? all : all.slice(0, ids.length), kind);
        assert.ok(ids.length >= Math.min(most, all.length));
      }),
    );
    for (const session of sessions) session.dispose();
  }
});

test('the event loop has a turn for each batch, however many calls wait', async () => {
  const model = await here();
  const during = async (calls: () => Promise<Completion>[]) => {
    const turns = countTurns();
    const completions = await Promise.all(calls());
    turns.stop();
    const tokens = Math.max(
      ...completions.flatMap(({ choices }) => choices.map(({ tokens }) => tokens.length)),
    );
    assert.ok(turns.taken() >= tokens - 1, `${turns.taken()} turns for ${tokens} tokens`);
  };
  const many = (length: number, options: GenerateOptions) => () =>
    Array.from({ length }, (_, seed) => model.generate('The cat', { ...options, seed }));
  await during(many(64, { maxTokens: 10 }));
  await during(many(2, { maxTokens: 4, n: 50, ignoreEos: true }));
  model.dispose();
});

test('when the memory is full, sessions that rest make room, and nobody fails for asking at the same time', async () => {
  const model = await here();
  const grow = WebAssembly.Memory.prototype.grow;
  const options = { maxTokens: 6, ignoreEos: true };
  const alone = await Promise.all(
    PROMPTS.map((prompt, seed) => model.generate(prompt, { ...options, seed })),
  );
  WebAssembly.Memory.prototype.grow = () => {
    throw new RangeError('no more');
  };
  try {
    const sessions = PROMPTS.map(() => model.session());
    for (let round = 0; round < 3; round++) {
      const texts = sessions.map((session, seed) => session.generate(PROMPTS[seed], { ...options, seed }));
      const calls = PROMPTS.map((prompt, seed) => model.generate(prompt, { ...options, seed }));
      const scores = Promise.all(Array.from({ length: 20 }, () => model.score('The cat')));
      for (const [i, { tokens }] of (await Promise.all([...texts, ...calls])).entries()) {
        assert.equal(tokens, alone[i % PROMPTS.length]!.tokens);
      }
      for (const { sum } of await scores) assert.is(sum, (await scores)[0]!.sum);
    }
    const fork = sessions[0]!.fork();
    assert.equal(fork.tokens, sessions[0]!.tokens);
    const [a, b] = await Promise.all(
      [fork, sessions[0]!].map((session) => session.generate('The cat sat', { maxTokens: 3, seed: 6 })),
    );
    assert.equal(a!.tokens, b!.tokens);
  } finally {
    WebAssembly.Memory.prototype.grow = grow;
    model.dispose();
  }
});

test.run();
