import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PAGE } from '../../../assembly/abi.js';
import { Gpt2Error } from '../../../src/base/errors.js';
import { BATCH_ROWS } from '../../../src/core/layout.js';
import type { CoreSequence, Evaluation } from '../../../src/core/types.js';
import { assertAsAlone } from '../../support/alone.js';
import { FakeCore } from '../../support/fake_core.js';
import { collectUntil } from '../../support/garbage.js';
import { holds } from '../../support/property.js';
import { follow, sequencePlans, turnsOfLoop } from '../../support/sequence_plan.js';
import { thrown } from '../../support/thrown.js';

const CONTEXT = 400;

const fakeCore = (mostPages?: number) => new FakeCore({ contextLength: CONTEXT }, mostPages);

/** Tokens that no other text of another `seed` begins with. */
const textOf = (seed: number, length: number) =>
  Array.from({ length }, (_, i) => (i < 3 ? Math.floor(seed / 64 ** i) % 64 : (seed + i) % 64));

const evaluate = (sequence: CoreSequence, tokens: readonly number[], more: Partial<Evaluation> = {}) =>
  sequence.evaluate({ tokens, read() {}, ...more });

/** Evaluates a prompt and then one token after the other. */
async function decode(sequence: CoreSequence, prompt: readonly number[], count: number, onToken = () => {}) {
  let tokens = [...prompt];
  for (let i = 0; i < count; i++) {
    await evaluate(sequence, tokens);
    onToken();
    tokens = [...tokens, i % 64];
  }
}

test('with any memory, each of many sequences reads its own tokens, and all pages come back', async () => {
  const inputs = fc.record({ pages: fc.constantFrom(4, 5, 8, 20, 1000), plans: sequencePlans(1) });
  await holds(
    'pages of sequences that are evaluated together',
    inputs,
    async ({ pages, plans }) => {
      const core = fakeCore(pages);
      const seen = await Promise.all(plans.map((plan, i) => follow([core], { ...plan, releases: true }, i)));
      for (const logits of seen) await assertAsAlone(fakeCore(), logits);
      const { used, cached, total } = core.pool.counts;
      assert.is(used, 0);
      assert.ok(cached <= total && total <= pages, `${cached} cached of ${total}`);
      assert.is(core.scheduler.stats.waiting + core.scheduler.stats.running, 0);
    },
    80,
  );
});

test('of 200 sequences that decode, none waits for longer than two batches, and a prompt goes on beside them', async () => {
  const core = fakeCore();
  core.logitsOf = () => [0];
  const waits: number[] = [];
  const decoders = Array.from({ length: 200 }, (_, seed) => {
    let last: number | undefined;
    return decode(core.sequence('call'), textOf(seed, 20), 30, () => {
      if (last !== undefined) waits.push(core.batches.length - last);
      last = core.batches.length;
    });
  });
  while (core.batches.length < 60) await turnsOfLoop(1);
  const before = core.batches.length;
  await evaluate(core.sequence('call'), textOf(300, 390));
  // At least 32 rows of each batch are the prompt's.
  assert.ok(
    core.batches.length - before <= Math.ceil(390 / 32) + 1,
    `${core.batches.length - before} batches`,
  );
  await Promise.all(decoders);
  assert.ok(Math.max(...waits) <= 3, `waited for ${Math.max(...waits)} batches`);
});

test('of 300 short prompts, those that have begun are finished first, so that few pages are in use', async () => {
  const core = fakeCore();
  core.logitsOf = () => [0];
  let most = 0;
  core.onForward = () => {
    most = Math.max(most, core.pool.counts.used);
  };
  const evaluated = async (seed: number) => {
    const sequence = core.sequence('call');
    await evaluate(sequence, textOf(seed, 40), { first: 0 });
    sequence.release();
  };
  await Promise.all(Array.from({ length: 300 }, (_, seed) => evaluated(seed)));
  assert.is(core.batches.length, Math.ceil((300 * 40) / BATCH_ROWS));
  assert.ok(most <= 2 * Math.ceil(BATCH_ROWS / 40), `${most} pages`);
});

test('a higher priority goes first, also where the memory is full', async () => {
  const core = fakeCore(5);
  const order: string[] = [];
  const ask = (name: string, seed: number, priority: number) =>
    evaluate(core.sequence('call'), textOf(seed, 390), { priority }).then(() => order.push(name));
  const low = [ask('first', 1, 0), ask('second', 2, 0)];
  while (core.batches.length === 0) await turnsOfLoop(1);
  await Promise.all([...low, ask('urgent', 3, 1)]);
  assert.equal(order, ['urgent', 'first', 'second']);
});

test('sequences that share too little memory end one after the other, and evaluate little twice', async () => {
  const core = fakeCore(4);
  const callers = Array.from({ length: 6 }, (_, seed) =>
    decode(core.sequence('call'), textOf(seed, 200), 100),
  );
  await Promise.all(callers);
  const evaluated = core.takeEvaluated();
  assert.ok(evaluated < 2 * 6 * 300, `${evaluated} rows for ${6 * 300} tokens`);
});

test('an evaluation whose pages were taken in the middle goes on, and reads no result twice', async () => {
  const core = fakeCore(4);
  const [low, high] = [core.sequence('call'), core.sequence('call')];
  const rows: number[] = [];
  const read = (_: unknown, index: number) => rows.push(index);
  const asked = evaluate(low, textOf(1, 390), { first: 0, read });
  while (core.batches.length === 0) await turnsOfLoop(1);
  await evaluate(high, textOf(2, 390), { priority: 1 });
  assert.equal(await asked, { cachedTokens: 0 });
  assert.equal(rows, [...Array(390).keys()]);
  assert.equal(low.tokens, textOf(1, 390));
});

test('two evaluations of one sequence wait for each other, also where the memory is full', async () => {
  const core = fakeCore(4);
  const [one, other] = [core.sequence('session'), core.sequence('session')];
  await Promise.all([
    decode(one, textOf(1, 250), 3),
    evaluate(one, textOf(2, 380)),
    evaluate(one, textOf(3, 300)),
    evaluate(other, textOf(4, 390)),
    evaluate(other, textOf(5, 260)),
  ]);
  assert.equal(other.tokens, textOf(5, 260));
});

test('a sequence that alone does not fit is refused, and leaves the others their memory', async () => {
  const core = fakeCore(3);
  const small = core.sequence('session');
  await evaluate(small, textOf(1, 100));
  await thrown(() => evaluate(core.sequence('call'), textOf(2, 390)), 'out-of-memory', '3 pages');
  await evaluate(small, textOf(1, 120));
});

test('a fork that nobody uses does not keep memory from others', async () => {
  const core = fakeCore(4);
  const session = core.sequence('session');
  await evaluate(session, textOf(1, 380));
  const fork = session.fork();
  await evaluate(core.sequence('session'), textOf(2, 390));
  assert.is(fork.isResident, false);
  await evaluate(fork, textOf(1, 385));
});

test('equal prompts that come together are evaluated once, and keep one copy of each page', async () => {
  const core = fakeCore();
  const sequences = Array.from({ length: 20 }, () => core.sequence('session'));
  await Promise.all(sequences.map((sequence) => evaluate(sequence, textOf(1, 390))));
  assert.ok(core.takeEvaluated() < 390 + 132 + 20, 'rows');
  assert.ok(core.pool.counts.used <= 3 + 20, `${core.pool.counts.used} pages`);
  for (const [i, sequence] of sequences.entries()) await evaluate(sequence, [...textOf(1, 390), i]);
  // Whoever begins in the same way finds what came later, whichever sequence it was.
  for (const i of sequences.keys()) {
    await evaluate(core.sequence('call'), [...textOf(1, 390), i, 0]);
    assert.ok(core.takeEvaluated() <= 20 + 1);
  }
});

test('a prompt that is asked for many times fills the cache once', async () => {
  const core = fakeCore();
  for (let i = 0; i < 50; i++) {
    const sequence = core.sequence('call');
    await decode(sequence, textOf(1, 40), 3);
    sequence.release();
  }
  assert.equal(core.pool.counts, { total: 2, used: 0, cached: 1 });
});

test('a row that cannot be used ends its own evaluation alone', async () => {
  const core = fakeCore();
  core.logitsOf = (prefix) => {
    if (prefix[0] === 2) throw new Gpt2Error('runtime', 'not finite');
    return new Float32Array(64);
  };
  const results = await Promise.allSettled(
    [1, 2, 3].map((seed) => evaluate(core.sequence('call'), textOf(seed, 9))),
  );
  assert.equal(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.equal(core.batches, [3]);
});

test('whoever is released or aborted in the middle of a batch leaves no trace in the others', async () => {
  const core = fakeCore();
  const [released, aborted, going] = [1, 2, 3].map((seed) => {
    const sequence = core.sequence('session');
    return { sequence, tokens: textOf(seed, 130) };
  });
  const controller = new AbortController();
  let reads = 0;
  core.onForward = async () => {
    core.onForward = () => {};
    released!.sequence.release();
    controller.abort();
    await turnsOfLoop(2);
  };
  const read = () => {
    reads++;
  };
  const results = await Promise.all([
    evaluate(released!.sequence, released!.tokens, { read, first: 0 }),
    evaluate(aborted!.sequence, aborted!.tokens, { read, first: 0, signal: controller.signal }),
    evaluate(going!.sequence, going!.tokens),
  ]);
  assert.equal(results, [undefined, undefined, { cachedTokens: 0 }]);
  assert.is(reads, 0);
  assert.equal(aborted!.sequence.tokens, []);
  for (const { sequence } of [aborted!, going!]) sequence.release();
  assert.is(core.pool.counts.used, 0);
});

test('a signal that throws ends its own evaluation alone', async () => {
  const core = fakeCore();
  const broken = () => {
    throw new Error('broken');
  };
  const signalThat = (looks: number) => {
    let left = looks;
    return {
      get aborted() {
        return left-- > 0 ? false : broken();
      },
      addEventListener() {},
      removeEventListener: broken,
    } as unknown as AbortSignal;
  };
  const [going, listened, polled] = [1, 2, 3].map(() => core.sequence('session'));
  const decoded = decode(going!, textOf(1, 150), 8);
  assert.ok(await evaluate(listened!, textOf(2, 20), { signal: signalThat(1) }));
  await evaluate(polled!, textOf(3, 20));
  const failed = evaluate(polled!, textOf(3, 21), { signal: signalThat(1) });
  const [result] = await Promise.allSettled([failed]);
  assert.is(result?.status === 'rejected' && result.reason.message, 'broken');
  await decoded;
  assert.is(core.scheduler.stats.waiting + core.scheduler.stats.running, 0);
  for (const sequence of [going!, listened!, polled!]) sequence.release();
  assert.is(core.pool.counts.used, 0);
});

test('when the core is closed in the middle of a batch, all evaluations and later ones throw its reason', async () => {
  const core = fakeCore();
  core.onForward = () => core.scheduler.close(new Gpt2Error('disposed', 'closed'));
  const sequences = [1, 2, 3].map(() => core.sequence('call'));
  const asked = [...sequences, sequences[0]!].map((sequence, i) => evaluate(sequence, textOf(i, 200)));
  for (const one of asked) await thrown(() => one, 'disposed');
  await thrown(() => evaluate(sequences[1]!, [1]), 'disposed');
  for (const sequence of sequences) sequence.release();
  assert.is(core.pool.counts.used, 0);
});

test('an evaluation whose sequence nobody holds ends as others do; then its pages come back', async () => {
  const core = fakeCore();
  let rounds = 0;
  core.onForward = async () => {
    core.onForward = () => {};
    await collectUntil(() => rounds++ === 10);
  };
  assert.equal(await evaluate(core.sequence('session'), textOf(1, 20)), { cachedTokens: 0 });
  assert.ok(await collectUntil(() => core.pool.counts.used === 0));
});

test('the counts say who waits and who runs', async () => {
  const core = fakeCore(8);
  const counts: string[] = [];
  const { scheduler } = core;
  core.onForward = () => {
    counts.push(`${scheduler.stats.waiting} ${scheduler.stats.running}`);
  };
  const asked = Array.from({ length: 4 }, (_, seed) => evaluate(core.sequence('call'), textOf(seed, 380)));
  assert.equal([scheduler.stats.waiting, scheduler.stats.running], [4, 0]);
  await Promise.all(asked);
  assert.is(counts[0], '2 2');
  assert.is(counts.at(-1), '0 1');
  assert.equal([scheduler.stats.waiting, scheduler.stats.running], [0, 0]);
});

test('work between two batches is done while none is evaluated', async () => {
  const core = fakeCore();
  let isRunning = false;
  core.onForward = async () => {
    isRunning = true;
    await turnsOfLoop(3);
    isRunning = false;
  };
  const asked = evaluate(core.sequence('call'), textOf(1, 390));
  const seen: boolean[] = [];
  for (let i = 0; i < 5; i++) {
    await turnsOfLoop(1);
    core.scheduler.between(() => seen.push(isRunning));
  }
  await asked;
  assert.equal(seen, new Array(5).fill(false));
  await new Promise<void>((resolve) => core.scheduler.between(resolve));
});

test('an error between two batches rejects all who wait, and later ones are served', async () => {
  const core = fakeCore();
  const waiting = [1, 2].map((seed) => evaluate(core.sequence('call'), textOf(seed, 20)));
  core.scheduler.between(() => {
    throw new Error('a page cannot be copied');
  });
  for (const { status, reason } of (await Promise.allSettled(waiting)) as PromiseRejectedResult[]) {
    assert.is(status, 'rejected');
    assert.match(String(reason), 'a page cannot be copied');
  }
  assert.ok(await evaluate(core.sequence('call'), textOf(3, 20)));
  assert.is(core.scheduler.stats.running + core.scheduler.stats.waiting, 0);
});

test('the work of choosing batches grows as the number of waiting evaluations does', async () => {
  const workOf = async (count: number) => {
    const core = fakeCore();
    core.logitsOf = () => [0];
    let reads = 0;
    const asked = Array.from({ length: count }, (_, i) => {
      const tokens = textOf(i, 20);
      const evaluation = {
        read() {},
        get tokens() {
          reads++;
          return tokens;
        },
        get priority() {
          return i % 3;
        },
      };
      const sequence = core.sequence('call');
      return sequence.evaluate(evaluation).then(() => sequence.release());
    });
    await Promise.all(asked);
    return reads / count;
  };
  const [few, many] = [await workOf(500), await workOf(8000)];
  assert.ok(many < 1.5 * few, `${few} and then ${many} reads for each`);
});

test('a sequence whose pages were taken goes on with the same tokens', async () => {
  const core = fakeCore(4);
  const session = core.sequence('session');
  await evaluate(session, textOf(1, 3 * PAGE));
  await evaluate(core.sequence('call'), textOf(2, 3 * PAGE));
  assert.not.ok(session.isResident);
  session.rewind(200);
  assert.equal(session.tokens, textOf(1, 200));
  const fork = session.fork();
  await Promise.all([evaluate(session, textOf(1, 210)), evaluate(fork, textOf(1, 220))]);
  assert.ok(session.isResident && fork.isResident);
});

test.run();
