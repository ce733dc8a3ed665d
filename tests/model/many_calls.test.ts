import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cacheBytes } from '../../src/core/layout.js';
import {
  type Completion,
  type GenerateOptions,
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

/** Most calls that compute at once. */
const MOST_CALLS = 8;
const PROMPTS = ['Once upon a time', 'The cat', 'One day a dog saw', 'Lily and Tom', 'A'];

const fakeWorker = fakeWorkers(test);

const here = () => loadModel(storiesTiny, { build: 'simd' });
const inWorker = () => createWorkerModel(storiesTiny, { worker: fakeWorker().worker, build: 'simd' });
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

/** Checks that `use` makes memory grow by at most so many KV caches. */
async function boundedBy(caches: number, model: AnyModel, use: () => Promise<unknown>): Promise<void> {
  const before = model.runtime.memoryBytes;
  await use();
  // The owner of a worker knows the memory at the time of the latest answer.
  await model.score([1, 2]);
  const grown = model.runtime.memoryBytes - before;
  const most = caches * cacheBytes(model.config) + 65536;
  assert.ok(grown <= most, `memory grew by ${grown} bytes, not at most ${most}`);
}

async function idsOf(stream: TokenStream): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of stream) ids.push(id);
  return ids;
}

both('any number of calls at once succeed in the memory of a few', async (model) => {
  const alone = await Promise.all(PROMPTS.map((prompt) => model.score(prompt)));
  await boundedBy(MOST_CALLS - 1, model, async () => {
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
  });
});

both('streams that are read a little and kept hold up nobody, and go on where they were', async (model) => {
  const options: GenerateOptions = { maxTokens: 8, seed: 4, ignoreEos: true };
  const alone = await Promise.all(PROMPTS.map((prompt) => model.generate(prompt, options)));
  await boundedBy(MOST_CALLS + 1, model, async () => {
    const streams: { stream: TokenStream; ids: number[] }[] = [];
    for (let i = 0; i < 3 * MOST_CALLS; i++) {
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
  });
});

both('streams and sessions that are forgotten give their memory back', async (model) => {
  await model.generate('A', { maxTokens: 1 });
  await boundedBy(2 * MOST_CALLS, model, async () => {
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
  });
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
  const running = Array.from({ length: 2 * MOST_CALLS }, () =>
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
    ...Array.from({ length: 20 }, () => model.generate('One day', { maxTokens: 50 })),
    ...Array.from({ length: 20 }, () => model.score('The cat')),
    model.session().generate('One day'),
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
        const all = choices.flatMap(({ tokens }) => tokens);
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

test('the event loop has a turn for each evaluation, however many calls wait', async () => {
  const model = await here();
  const during = async (calls: () => Promise<Completion>[]) => {
    const turns = countTurns();
    const completions = await Promise.all(calls());
    turns.stop();
    const tokens = completions.reduce((sum, { usage }) => sum + usage.completionTokens, 0);
    assert.ok(turns.taken() >= tokens - 1, `${turns.taken()} turns for ${tokens} tokens`);
  };
  const many = (length: number, options: GenerateOptions) => () =>
    Array.from({ length }, (_, seed) => model.generate('The cat', { ...options, seed }));
  await during(many(64, { maxTokens: 10 }));
  await during(many(2, { maxTokens: 2, n: 50, ignoreEos: true }));
  model.dispose();
});

test('when sessions have all of the memory, that is said; others go on', async () => {
  const model = await here();
  const grow = WebAssembly.Memory.prototype.grow;
  const open = async () => {
    const session = model.session();
    await session.generate('The cat', { maxTokens: 2, seed: 1 });
    return session;
  };
  const sessions = [await open()];
  const half = model.stream('The cat', { maxTokens: 5, seed: 1 });
  await half.next();
  let pages = 0;
  WebAssembly.Memory.prototype.grow = function (delta) {
    pages += delta;
    if (65536 * pages > 3.5 * cacheBytes(model.config)) throw new RangeError('no more');
    return grow.call(this, delta);
  };
  try {
    const said = [
      'out-of-memory',
      /no room for a KV cache beside .* sessions: 5 hold \d.* MiB, \d.* [KM]iB each; dispose of sessions, or load the model with a smaller contextLength/,
    ] as const;
    while (sessions.length < 5) sessions.push(await open());
    await thrown(open, ...said);
    await thrown(() => sessions[0]!.fork(), ...said);
    await thrown(() => model.generate('A'), ...said);
    await thrown(() => model.score('The cat'), ...said);
    await thrown(() => model.stream('A').next(), ...said);
    await thrown(() => half.next(), ...said);
    const [one] = sessions;
    await one!.generate('The cat sat', { maxTokens: 2 });
    sessions.pop()!.dispose();
    const many = await Promise.all(Array.from({ length: 20 }, () => model.score('The cat')));
    for (const { sum } of many) assert.is(sum, many[0]!.sum);
    // A session that waits while a call runs gets the memory of the call; later calls then find none.
    const running = model.generate('The cat', { maxTokens: 20, ignoreEos: true });
    const opening = open();
    const fork = one!.fork();
    assert.equal(fork.tokens, one!.tokens);
    assert.is((await running).tokens.length, 20);
    sessions.push(await opening);
    await thrown(() => model.score('The cat'), ...said);
    await thrown(() => fork.generate('The cat sat'), ...said);
    sessions.pop()!.dispose();
    const options = { maxTokens: 3, seed: 6 };
    const forked = await fork.generate('The cat sat', options);
    assert.equal(forked.tokens, (await one!.generate('The cat sat', options)).tokens);
  } finally {
    WebAssembly.Memory.prototype.grow = grow;
    model.dispose();
  }
});

test.run();
