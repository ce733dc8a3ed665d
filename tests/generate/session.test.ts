import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nextTask } from '../../src/base/next_task.js';
import { BATCH_ROWS } from '../../src/core/layout.js';
import type { Completion } from '../../src/generate/completion.js';
import type { GenerateOptions } from '../../src/generate/options.js';
import type { Prompt } from '../../src/generate/prompt.js';
import { Session } from '../../src/generate/session.js';
import type { TokenStream } from '../../src/generate/token_stream.js';
import { FakeCore } from '../support/fake_core.js';
import { fakeTokenizer } from '../support/fake_tokenizer.js';
import { randomSource } from '../support/random.js';
import { thrown } from '../support/thrown.js';
import { unsaved } from '../support/unsaved.js';

const OPTIONS: GenerateOptions = { seed: 1, maxTokens: 6, bannedTokens: [0] };

function open(core = new FakeCore()): Session {
  return new Session(core, fakeTokenizer, unsaved);
}

test('prompts that share a prefix with the session give what a fresh session gives, and evaluate only the rest', async () => {
  const random = randomSource(30);
  const tokens = (most: number) => Array.from({ length: 1 + random.below(most) }, () => 1 + random.below(3));
  const core = new FakeCore({ contextLength: 40 });
  const session = open(core);
  let reused = 0;
  let foundElsewhere = 0;
  for (let round = 0; round < 200; round++) {
    const before = session.tokens;
    const kept = before.slice(0, random.below(before.length + 1));
    const prompt = random.pick([
      kept.slice(0, 34).concat(tokens(5)),
      tokens(20),
      kept.length > 0 ? kept : tokens(3),
    ]);
    const options = { ...OPTIONS, seed: round, maxTokens: 1 + random.below(6) };
    core.takeEvaluated();
    const completion = await session.generate(prompt, options);

    let common = 0;
    while (common < prompt.length - 1 && prompt[common] === before[common]) common++;
    // Earlier texts of the session may have begun in the same way, too.
    const { cachedPromptTokens } = completion.usage;
    assert.ok(cachedPromptTokens >= common && cachedPromptTokens < prompt.length);
    if (cachedPromptTokens > common) foundElsewhere++;
    assert.is(core.takeEvaluated(), prompt.length - cachedPromptTokens + completion.tokens.length - 1);
    assert.equal(session.tokens, [...prompt, ...completion.tokens.slice(0, -1)]);
    assert.is(session.length, session.tokens.length);
    reused += common;

    const fresh = open(new FakeCore({ contextLength: 40 }));
    assert.equal((await fresh.generate(prompt, options)).tokens, completion.tokens);
    fresh.dispose();
  }
  assert.ok(foundElsewhere > 50, `${foundElsewhere} times`);
  assert.ok(reused > 500, `${reused} tokens were reused`);
});

test('a chat goes on from what it generated', async () => {
  const core = new FakeCore();
  const session = open(core);
  const first = await session.generate('hello ', { ...OPTIONS, temperature: 0 });
  core.takeEvaluated();
  const prompt = [...fakeTokenizer.encode('hello '), ...first.tokens, 5];
  const second = await session.generate(prompt, { ...OPTIONS, maxTokens: 1 });
  assert.is(second.usage.cachedPromptTokens, prompt.length - 2);
  assert.is(core.takeEvaluated(), 2, 'the last generated token and the new one');
});

test('a long prompt is evaluated in parts', async () => {
  const core = new FakeCore({ contextLength: 400 });
  await open(core).generate(new Array<number>(300).fill(1), { ...OPTIONS, maxTokens: 2 });
  assert.equal(core.calls, [
    { start: 0, count: BATCH_ROWS },
    { start: BATCH_ROWS, count: BATCH_ROWS },
    { start: 2 * BATCH_ROWS, count: 300 - 2 * BATCH_ROWS },
    { start: 300, count: 1 },
  ]);
});

test('a fork and its origin go separate ways', async () => {
  const core = new FakeCore();
  const origin = open(core);
  await origin.generate('the sea', OPTIONS);
  const tokens = origin.tokens;
  const fork = origin.fork();
  assert.equal(fork.tokens, tokens);
  core.takeEvaluated();
  const other = await fork.generate([...tokens, 9], { ...OPTIONS, seed: 2 });
  assert.is(other.usage.cachedPromptTokens, tokens.length);
  assert.equal(origin.tokens, tokens);
  const next = await origin.generate([...tokens, 8], OPTIONS);
  assert.equal(next.tokens, (await open(core).generate([...tokens, 8], OPTIONS)).tokens);
  assert.equal(other.tokens, (await open(core).generate([...tokens, 9], { ...OPTIONS, seed: 2 })).tokens);
  origin.dispose();
  await fork.generate([...tokens, 7], OPTIONS);
});

test('rewind forgets the end', async () => {
  const core = new FakeCore();
  const session = open(core);
  await session.generate('the sea', OPTIONS);
  const tokens = session.tokens;
  session.rewind(3);
  assert.equal(session.tokens, tokens.slice(0, 3));
  core.takeEvaluated();
  const completion = await session.generate([...tokens.slice(0, 3), 41, 42, 43], OPTIONS);
  assert.is(completion.usage.cachedPromptTokens, 3);
  session.rewind(0);
  assert.is(session.length, 0);
  for (const length of [-1, 1, 0.5, NaN, '0' as unknown as number]) {
    await thrown(() => session.rewind(length), 'invalid-option', 'rewind', 'from 0 to 0');
  }
});

test('tokens is a copy', async () => {
  const session = open();
  await session.generate('abc', OPTIONS);
  session.tokens.length = 0;
  assert.is(session.length, 3 + 5);
});

test('one generation at a time: the next waits, rewind is refused, fork need not wait', async () => {
  const core = new FakeCore();
  const session = open(core);
  const ended: string[] = [];
  const note = async (name: string, running: Promise<Completion>) => {
    const completion = await running;
    ended.push(name);
    return completion;
  };
  const first = note('first', session.generate('abc', OPTIONS));
  const second = note('second', session.generate('the sea', OPTIONS));
  const third = note('third', session.generate('abc', { ...OPTIONS, seed: 2 }));
  await thrown(() => session.rewind(0), 'invalid-option', 'while this session is generating');
  const fork = session.fork();
  const completion = await first;
  assert.is(completion.finishReason, 'length');
  assert.equal((await fork.generate('abc', OPTIONS)).tokens, completion.tokens);
  assert.equal((await second).tokens, (await open(core).generate('the sea', OPTIONS)).tokens);
  assert.equal((await third).tokens, (await open(core).generate('abc', { ...OPTIONS, seed: 2 })).tokens);
  assert.equal(ended, ['first', 'second', 'third']);
  session.rewind(0);
});

test('a generation that waits for its turn ends with its signal, its stream and the session', async () => {
  const session = open();
  const running = session.generate('abc', { ...OPTIONS, maxTokens: 20 });
  const controller = new AbortController();
  const waiting = session.generate('x', { ...OPTIONS, signal: controller.signal });
  const stream = session.stream('y', OPTIONS);
  const step = stream.next();
  const last = session.generate('z', OPTIONS);
  controller.abort();
  const { tokens, finishReason } = await waiting;
  assert.equal({ tokens, finishReason }, { tokens: [], finishReason: 'aborted' });
  await stream.return();
  assert.equal(await step, { done: true, value: undefined });
  assert.is((await stream.completion).finishReason, 'aborted');
  session.dispose();
  await thrown(() => last, 'disposed', 'session');
  await thrown(() => running, 'disposed', 'session');
});

test('after an abort the next generation of a session begins at once, also if nobody reads the stream any more', async () => {
  const core = new FakeCore();
  const session = open(core);
  const fresh = await open(core).generate('the sea', OPTIONS);
  for (let round = 0; round < 20; round++) {
    const controller = new AbortController();
    const { signal } = controller;
    const stream = session.stream('abc', { ...OPTIONS, signal });
    await stream.next();
    const left = round % 2 === 0 ? stream.next() : undefined;
    controller.abort();
    assert.equal((await session.generate('the sea', OPTIONS)).tokens, fresh.tokens);
    await left;
    assert.is((await stream.next()).done, true);
    assert.is((await stream.completion).finishReason, 'aborted');
  }
});

test('a stream that is left unread holds up no generation, and goes on where it was', async () => {
  const core = new FakeCore();
  const session = open(core);
  const alone = await open(core).generate('abc', OPTIONS);
  const stream = session.stream('abc', OPTIONS);
  const tokens = [(await stream.next()).value!.id, (await stream.next()).value!.id];
  const other = await session.generate('the sea', OPTIONS);
  assert.equal(other.tokens, (await open(core).generate('the sea', OPTIONS)).tokens);
  for await (const { id } of stream) tokens.push(id);
  assert.equal(tokens, alone.tokens);
  assert.equal(session.tokens, [...fakeTokenizer.encode('abc'), ...tokens.slice(0, -1)]);
});

test('the completion of a stream that nobody reads is computed; a later loop still gets all tokens', async () => {
  const core = new FakeCore();
  const { tokens, text } = await open(core).generate('the sea', OPTIONS);
  const alone = open(core).stream('the sea', OPTIONS);
  assert.equal((await alone.completion).tokens, tokens);
  const ids = async (stream: TokenStream) => {
    const seen: number[] = [];
    for await (const { id } of stream) seen.push(id);
    return seen;
  };
  assert.equal(await ids(alone), tokens);

  const both = open(core).stream('the sea', OPTIONS);
  const completion = both.completion;
  for (let turn = 0; turn < 3; turn++) await nextTask();
  assert.equal(await ids(both), tokens);
  assert.is((await completion).text, text);

  const failing = open(core).stream('the sea', { ...OPTIONS, contextFull: 'error', maxTokens: 99 });
  await thrown(() => failing.completion, 'context-full');
  await thrown(() => ids(failing), 'context-full');
});

test('who asks for the completion and reads in the same task leaves nothing computed ahead', async () => {
  const core = new FakeCore();
  const stream = open(core).stream('the sea', OPTIONS);
  const { completion } = stream;
  await stream.next();
  for (let turn = 0; turn < 5; turn++) await nextTask();
  assert.is(core.takeEvaluated(), 7, 'the prompt alone');
  await stream.return();
  assert.is((await completion).tokens.length, 1);
});

test('a stream can be iterated once: a second loop says so', async () => {
  const session = open();
  const once = async (stream: TokenStream) => {
    for await (const _ of stream);
  };
  const whole = session.stream('abc', OPTIONS);
  await once(whole);
  await thrown(() => once(whole), 'invalid-option', 'iterated before');
  const left = session.stream('abc', OPTIONS);
  for await (const _ of left) break;
  await thrown(() => once(left), 'invalid-option', 'iterated before');
  const read = session.stream('abc', OPTIONS);
  while (!(await read.next()).done);
  await thrown(() => once(read), 'invalid-option', 'iterated before');
  const begun = session.stream('abc', OPTIONS);
  await begun.next();
  let rest = 0;
  for await (const _ of begun[Symbol.asyncIterator]()) rest++;
  assert.is(rest, OPTIONS.maxTokens! - 1);
});

test('sessions of one core interleave without reading each other', async () => {
  const core = new FakeCore();
  const prompts = ['abc', 'the sea', 'xyz xyz xyz', 'q'];
  const options = { ...OPTIONS, maxTokens: 15, topP: 0.9 };
  const together = await Promise.all(prompts.map((prompt) => open(core).generate(prompt, options)));
  const starts = core.calls.map(({ start }) => start);
  assert.ok(
    starts.some((start, i) => i > 0 && start < starts[i - 1]! && start > 0),
    'they did interleave',
  );
  for (const [index, prompt] of prompts.entries()) {
    assert.equal(together[index]!.tokens, (await open(core).generate(prompt, options)).tokens);
  }
});

test('leaving a stream early ends the generation there and leaves the session usable', async () => {
  const core = new FakeCore();
  const session = open(core);
  const stream = session.stream('the sea', OPTIONS);
  const seen: number[] = [];
  for await (const { id } of stream) {
    seen.push(id);
    if (seen.length === 3) break;
  }
  const completion = await stream.completion;
  assert.is(completion.finishReason, 'aborted');
  assert.equal(completion.tokens, seen);
  assert.equal(session.tokens, [...fakeTokenizer.encode('the sea'), ...seen.slice(0, 2)]);
  const whole = await session.generate('the sea', OPTIONS);
  assert.equal(whole.tokens.slice(0, 3), seen);
  assert.is(whole.finishReason, 'length');
});

test('a stream that is left before it began holds nothing', async () => {
  const core = new FakeCore();
  const session = open(core);
  const stream = session.stream('abc', OPTIONS);
  await stream.return();
  const { tokens, finishReason } = await stream.completion;
  assert.equal({ tokens, finishReason }, { tokens: [], finishReason: 'aborted' });
  session.stream('abc', OPTIONS);
  await session.generate('abc', OPTIONS);
});

test('a signal ends a generation with what there is: before it, in the prompt, between tokens', async () => {
  const before = new FakeCore();
  const early = await open(before).generate('abc', { ...OPTIONS, n: 2, signal: AbortSignal.abort() });
  assert.equal(
    early.choices.map(({ finishReason }) => finishReason),
    ['aborted', 'aborted'],
  );
  assert.is(before.calls.length, 0);

  const controller = new AbortController();
  const core = new FakeCore({ contextLength: 400 });
  const session = open(core);
  core.onForward = () => {
    if (core.calls.length === 2) controller.abort();
  };
  const prompt = new Array<number>(300).fill(2);
  const cut = await session.generate(prompt, { ...OPTIONS, signal: controller.signal });
  assert.is(cut.finishReason, 'aborted');
  assert.equal(cut.tokens, []);
  assert.is(session.length, BATCH_ROWS);
  core.onForward = () => {};
  const after = await session.generate(prompt, OPTIONS);
  assert.is(after.usage.cachedPromptTokens, BATCH_ROWS);
  assert.equal(after.tokens, (await open(core).generate(prompt, OPTIONS)).tokens);

  const late = new AbortController();
  const stream = session.stream(prompt, { ...OPTIONS, signal: late.signal });
  const seen: number[] = [];
  for await (const { id } of stream) {
    seen.push(id);
    if (seen.length === 2) late.abort();
  }
  const completion = await stream.completion;
  assert.is(completion.finishReason, 'aborted');
  assert.equal(completion.tokens, seen);
  assert.equal(seen, after.tokens.slice(0, 2));
});

test('a failing generation rejects its promise once asked, and frees the session', async () => {
  const core = new FakeCore();
  const session = open(core);
  const unhandled: unknown[] = [];
  const listener = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', listener);
  core.onForward = () => {
    throw new Error('the core failed');
  };
  const stream = session.stream('abc', OPTIONS);
  let message = '';
  try {
    for await (const _ of stream);
  } catch (error) {
    message = (error as Error).message;
  }
  assert.is(message, 'the core failed');
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off('unhandledRejection', listener);
  assert.equal(unhandled, []);
  core.onForward = () => {};
  await session.generate('abc', OPTIONS);
});

test('wrong options and prompts throw at once, also from stream', async () => {
  const session = open();
  await thrown(() => session.stream('a', { topK: -1 }), 'invalid-option', 'topK');
  await thrown(() => session.stream([1, 64, 2]), 'invalid-option', 'token 1 of the prompt is 64', '0 to 63');
  for (const id of [-1, 0.5, NaN, '1', null]) {
    await thrown(() => session.stream([3, 3, id as number]), 'invalid-option', 'token 2 of the prompt');
  }
  for (const prompt of [undefined, null, 5, {}, new Map()]) {
    await thrown(() => session.generate(prompt as unknown as Prompt), 'invalid-option', 'the prompt is');
  }
});

test('wrong rare options throw at the first token and leave the session as it was', async () => {
  const session = open();
  await session.generate('abc', OPTIONS);
  const { tokens } = session;
  for (const [options, words] of [
    [{ beams: 0 }, 'beams is 0'],
    [{ bannedTokens: [64] }, 'bannedTokens[0] is 64'],
    [{ minTokens: 9, maxTokens: 8 }, 'minTokens is 9, but maxTokens is 8'],
    [{ speculate: 'yes' as 'prompt' }, 'speculate is "yes"'],
    [{ draft: { config: new FakeCore().config } }, 'draft is an object'],
  ] as [GenerateOptions, string][]) {
    const stream = session.stream('xy', options);
    await thrown(() => stream.next(), 'invalid-option', words);
    await thrown(() => stream.completion, 'invalid-option', words);
    assert.equal(await stream.next(), { done: true, value: undefined });
    await thrown(() => session.generate('xy', options), 'invalid-option', words);
    assert.equal(session.tokens, tokens);
  }
  const continued = await session.generate(undefined, OPTIONS);
  const fresh = open();
  await fresh.generate('abc', OPTIONS);
  assert.is(continued.text, (await fresh.generate(undefined, OPTIONS)).text);
});

test('names and common options are checked by the call also beside a wrong rare option', async () => {
  const session = open();
  const wrong = { beams: 0 };
  await thrown(() => session.stream('a', { ...wrong, topK: -1 }), 'invalid-option', 'topK');
  await thrown(
    () => session.stream('a', { ...wrong, banedTokens: [] } as GenerateOptions),
    'invalid-option',
    'did you mean bannedTokens?',
  );
});

test('a stream with rare options that is left before it began is aborted', async () => {
  const session = open();
  for (const options of [{ beams: 2 }, { beams: 0 }]) {
    const stream = session.stream('abc', options);
    await stream.return();
    const { finishReason, tokens } = await stream.completion;
    assert.equal({ finishReason, tokens }, { finishReason: 'aborted', tokens: [] });
  }
  await session.generate('abc', OPTIONS);
});

test('rare options are those of the call, whatever happens to the object afterwards', async () => {
  const given = { ...OPTIONS, bannedTokens: [0, 1] };
  const expected = await open().generate('abc', given);
  const stream = open().stream('abc', given);
  given.bannedTokens = [2, 3];
  while (!(await stream.next()).done);
  assert.equal((await stream.completion).tokens, expected.tokens);
});

test('a prompt that is nothing but a length is refused before anything is copied', async () => {
  const session = open();
  let read = 0;
  const counted = new Proxy(
    { length: 1000 },
    {
      get: (target, key) => {
        if (key === 'length') return target.length;
        read++;
        return read <= 3 ? 1 : undefined;
      },
    },
  );
  await thrown(() => session.generate(counted), 'invalid-option', 'token 3 of the prompt is undefined');
  assert.is(read, 4);
  for (const prompt of [{ length: 1e9 }, new Array<number>(1e9), JSON.parse('{ "length": 1e9 }')]) {
    await thrown(() => session.generate(prompt), 'invalid-option', 'the prompt has 1000000000 token ids');
  }
  for (const length of [-1, 1.5, NaN, '3', null]) {
    await thrown(() => session.generate({ length } as never), 'invalid-option', 'the prompt is an object');
  }
});

test('prompts of text, arrays and typed arrays are the same', async () => {
  const ids = fakeTokenizer.encode('the sea');
  const { tokens } = await open().generate('the sea', OPTIONS);
  for (const prompt of [ids, Int32Array.from(ids), Uint16Array.from(ids)]) {
    assert.equal((await open().generate(prompt, OPTIONS)).tokens, tokens);
  }
});

test('special tokens in a prompt are text unless allowed', async () => {
  const session = open();
  await session.generate('a<|end|>b', { ...OPTIONS, maxTokens: 1, allowedSpecial: 'all' });
  assert.equal(session.tokens, [1, 0, 2]);
  let refused = false;
  await session.generate('a<|end|>b', OPTIONS).catch(() => {
    refused = true;
  });
  assert.ok(refused, 'the fake tokenizer has no token for <');
});

test('an empty prompt starts from the beginning-of-text token, else from the end-of-text token', async () => {
  for (const [config, start] of [
    [{ bosTokenId: 7 }, 7],
    [{ eosTokenIds: [3, 4] }, 3],
  ] as const) {
    for (const prompt of ['', []]) {
      const session = open(new FakeCore(config));
      const { usage } = await session.generate(prompt, { ...OPTIONS, maxTokens: 1 });
      assert.equal(session.tokens, [start]);
      assert.is(usage.promptTokens, 1);
    }
  }
  await thrown(
    () => open(new FakeCore({ eosTokenIds: [] })).generate(''),
    'invalid-option',
    'the prompt is empty',
  );
});

test('after dispose everything says so', async () => {
  const core = new FakeCore();
  const session = open(core);
  await session.generate('abc', OPTIONS);
  session.dispose();
  session.dispose();
  assert.is(core.pool.counts.used, 0);
  await thrown(() => session.generate('abc'), 'disposed');
  await thrown(() => session.stream('abc'), 'disposed');
  await thrown(() => session.fork(), 'disposed');
  await thrown(() => session.rewind(0), 'disposed');
  assert.is(session.length, 0);

  const running = open(core);
  const stream = running.stream('abc', OPTIONS);
  await stream.next();
  running.dispose();
  await thrown(() => stream.next(), 'disposed');
});

test.run();
