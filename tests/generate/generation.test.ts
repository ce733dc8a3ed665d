import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Token } from '../../src/generate/completion.js';
import type { GenerateOptions } from '../../src/generate/options.js';
import { Session } from '../../src/generate/session.js';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import { FakeCore, NaiveRow, rankByProbability } from '../support/fake_core.js';
import { fakeTokenizer } from '../support/fake_tokenizer.js';
import { literalTokens } from '../support/literal_generation.js';
import { randomSource } from '../support/random.js';
import { thrown } from '../support/thrown.js';
import { unsaved } from '../support/unsaved.js';

const PROMPT = fakeTokenizer.encode('the end');

function open(core = new FakeCore()): Session {
  return new Session(core, fakeTokenizer, unsaved);
}

/** A core that continues PROMPT with the tokens of `script`, and then with id 1. */
function scripted(script: readonly number[]): FakeCore {
  const core = new FakeCore();
  core.logitsOf = (prefix) => {
    const next = script[prefix.length - PROMPT.length] ?? 1;
    return Array.from({ length: core.config.vocabSize }, (_, id) => (id === next ? 20 : 0));
  };
  return core;
}

function randomTokens(random: ReturnType<typeof randomSource>, count: number): number[] {
  return Array.from({ length: count }, () => 1 + random.below(47));
}

async function collect(session: Session, prompt: string | number[], options: GenerateOptions) {
  const stream = session.stream(prompt, options);
  const tokens: Token[] = [];
  for await (const token of stream) tokens.push(token);
  return { tokens, completion: await stream.completion };
}

test('random options sample what a loop without cache samples, streamed and whole', async () => {
  const random = randomSource(5);
  const reasons = new Set<string>();
  for (let round = 0; round < 150; round++) {
    const core = new FakeCore();
    const prompt = randomTokens(random, 1 + random.below(32));
    const options: GenerateOptions = {
      maxTokens: 1 + random.below(20),
      temperature: random.pick([0, 0.5, 1, 1.5]),
      topK: random.pick([0, 5]),
      topP: random.pick([1, 0.8]),
      repetitionPenalty: random.pick([1, 1.2]),
      frequencyPenalty: random.pick([0, 0.3]),
      noRepeatNgram: random.pick([0, 2]),
      ignoreEos: random.pick([true, false]),
      seed: random.below(1e9),
    };
    const expected = literalTokens(core, prompt, options);
    const whole = await open(core).generate(prompt, options);
    const { tokens, completion } = await collect(open(core), prompt, options);
    assert.equal(whole.tokens, expected, JSON.stringify({ prompt, options }));
    assert.equal(completion.tokens, expected);
    assert.equal(
      tokens.map(({ id }) => id),
      expected,
    );
    assert.is(tokens.map(({ text }) => text).join(''), whole.text);
    assert.is(completion.text, whole.text);
    const shown = whole.finishReason === 'eos' ? expected.slice(0, -1) : expected;
    assert.is(whole.text, fakeTokenizer.decode(shown));
    reasons.add(whole.finishReason);
    assert.is(whole.usage.completionTokens, expected.length);
    assert.is(whole.usage.promptTokens, prompt.length);
  }
  assert.equal([...reasons].sort(), ['context', 'eos', 'length']);
});

test('length, and the fields of a completion', async () => {
  const { tokens, completion } = await collect(open(scripted([1, 2, 3, 4])), PROMPT, {
    maxTokens: 3,
    seed: 8,
  });
  const { timings, ...rest } = completion;
  const fields = { text: 'abc', tokens: [1, 2, 3], finishReason: 'length' };
  assert.equal(rest, {
    ...fields,
    choices: [{ index: 0, ...fields }],
    usage: {
      ...{ promptTokens: 7, cachedPromptTokens: 0, completionTokens: 3 },
      ...{ draftTokens: 0, acceptedDraftTokens: 0 },
    },
    seed: 8,
  });
  assert.equal(
    tokens,
    [1, 2, 3].map((id) => ({ id, text: ' abc'[id], index: 0 })),
  );
  assert.ok(timings.promptMs > 0 && timings.decodeMs > 0);
  assert.ok(Math.abs(timings.promptTokensPerSecond - 7000 / timings.promptMs) < 1e-6);
  assert.ok(Math.abs(timings.tokensPerSecond - 2000 / timings.decodeMs) < 1e-6);
});

test('an end-of-text token ends the completion: in the tokens, not in the text', async () => {
  const core = scripted([1, 2, 0, 3]);
  const { tokens, completion } = await collect(open(core), PROMPT, { temperature: 0 });
  assert.is(completion.finishReason, 'eos');
  assert.is(completion.text, 'ab');
  assert.equal(completion.tokens, [1, 2, 0]);
  assert.equal(tokens.at(-1), { id: 0, text: '', index: 0 });

  const ignored = await open(core).generate(PROMPT, { temperature: 0, ignoreEos: true, maxTokens: 4 });
  assert.is(ignored.finishReason, 'length');
  assert.is(ignored.text, 'ab<|end|>c');
  const banned = await open(core).generate(PROMPT, { temperature: 0, bannedTokens: [0], maxTokens: 4 });
  assert.not.ok(banned.tokens.includes(0));
});

test('a stop string across token borders is never given out, not even in part', async () => {
  const [a, b, aba, the] = [1, 2, 35, 32];
  // "ab" + "aba" + "the " + "b": the stop "athe" lies in the second and third token.
  const script = [a, b, aba, the, b];
  const { tokens, completion } = await collect(open(scripted(script)), PROMPT, {
    temperature: 0,
    stop: ['athe', 'zz'],
  });
  assert.is(completion.finishReason, 'stop');
  assert.is(completion.text, 'abab');
  assert.equal(completion.tokens, [a, b, aba, the]);
  assert.equal(
    tokens.map(({ text }) => text),
    ['', 'ab', 'ab', ''],
  );
});

test('text that was held back for a stop string is given out at the end', async () => {
  for (const [script, options, text, finishReason] of [
    [[2, 1, 20], { maxTokens: 3 }, 'bat', 'length'],
    [[2, 1, 20, 0], {}, 'bat', 'eos'],
  ] as const) {
    const { tokens, completion } = await collect(open(scripted(script)), PROMPT, {
      temperature: 0,
      stop: 'athe',
      ...options,
    });
    assert.is(completion.finishReason, finishReason);
    assert.is(completion.text, text);
    assert.is(tokens.map((token) => token.text).join(''), text);
    assert.is(tokens[1]!.text, '');
  }
});

test('a character of several tokens comes whole with its last one, an incomplete one as U+FFFD at the end', async () => {
  const emoji = [41, 42, 43, 44];
  const { tokens, completion } = await collect(open(scripted([...emoji, 39, 40, 41])), PROMPT, {
    temperature: 0,
    maxTokens: 7,
  });
  assert.equal(
    tokens.map(({ text }) => text),
    ['', '', '', '😀', '', 'é', '\ufffd'],
  );
  assert.is(completion.text, '😀é\ufffd');
});

test('a full context: stop takes one token more than has a place, error throws, both having said so', async () => {
  const core = new FakeCore();
  const T = core.config.contextLength;
  const prompt = randomTokens(randomSource(6), T - 2);
  const options = { bannedTokens: [0], seed: 1 };
  const stopped = await collect(open(core), prompt, { ...options, contextFull: 'stop' });
  assert.is(stopped.completion.finishReason, 'context');
  assert.is(stopped.completion.tokens.length, 3);

  const stream = open(core).stream(prompt, { ...options, contextFull: 'error' });
  const ids: number[] = [];
  const drain = async () => {
    for await (const { id } of stream) ids.push(id);
  };
  await thrown(drain, 'context-full', '32', '3 generated');
  assert.equal(ids, stopped.completion.tokens);
  await thrown(() => stream.completion, 'context-full');

  const exact = await open(core).generate(prompt, { ...options, contextFull: 'error', maxTokens: 3 });
  assert.equal(exact.tokens, ids);
  assert.is(exact.finishReason, 'length');
});

test('a prompt longer than the context is refused with both numbers', async () => {
  for (const contextFull of ['stop', 'error'] as const) {
    const prompt = new Array<number>(33).fill(1);
    await thrown(() => open().generate(prompt, { contextFull }), 'context-full', '33 tokens', '32');
  }
  await open().generate(new Array<number>(32).fill(1), { maxTokens: 1 });
});

test('shift goes on with the first tokens and the most recent half of the rest', async () => {
  const random = randomSource(7);
  for (let round = 0; round < 30; round++) {
    const core = new FakeCore({}, random.pick([4, 16]));
    const T = core.config.contextLength;
    const keep = random.pick([0, 1, 5, T - 2]);
    const prompt = randomTokens(random, 1 + random.below(60));
    const options: GenerateOptions = {
      contextFull: 'shift',
      keep,
      maxTokens: 70,
      bannedTokens: [0],
      seed: round,
    };
    const session = open(core);
    const { tokens, finishReason, usage } = await session.generate(prompt, options);
    assert.is(finishReason, 'length');
    assert.equal(tokens, literalTokens(core, prompt, options), `keep ${keep}, prompt ${prompt.length}`);
    assert.equal(session.tokens.slice(0, Math.min(keep, prompt.length)), prompt.slice(0, keep));
    assert.equal(session.tokens.slice(-1), tokens.slice(-2, -1));
    if (prompt.length > T) assert.is(usage.promptTokens, keep + Math.floor((T - keep) / 2));
  }
});

test('what shift keeps, by hand', async () => {
  const core = scripted([]);
  const session = open(core);
  const prompt = Array.from({ length: 32 }, (_, i) => i + 1);
  await session.generate(prompt, { contextFull: 'shift', keep: 4, temperature: 0, maxTokens: 2 });
  // 4 kept, then half of the other 28: 13 of the prompt and the generated id 1.
  assert.equal(session.tokens, [1, 2, 3, 4, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 1]);
});

test('n completions share one evaluation of the prompt and are those of their own streams', async () => {
  const random = randomSource(8);
  for (let round = 0; round < 20; round++) {
    const core = new FakeCore();
    const prompt = randomTokens(random, 12);
    const n = 2 + random.below(3);
    const options: GenerateOptions = { n, seed: round, maxTokens: 9, repetitionPenalty: 2, typicalP: 0.9 };
    const session = open(core);
    const completion = await session.generate(prompt, options);
    assert.is(completion.choices.length, n);
    let evaluated = prompt.length;
    completion.choices.forEach((choice, index) => {
      assert.is(choice.index, index);
      assert.equal(choice.tokens, literalTokens(core, prompt, options, index));
      evaluated += choice.tokens.length - 1;
    });
    assert.is(core.takeEvaluated(), evaluated);
    assert.equal(session.tokens, prompt, 'the session keeps the prompt alone');
    const { index: _, ...first } = completion.choices[0]!;
    assert.equal({ ...completion, ...first }, completion);
    const total = completion.choices.reduce((sum, { tokens }) => sum + tokens.length, 0);
    assert.is(completion.usage.completionTokens, total);
    const alone = await open(core).generate(prompt, { ...options, n: 1 });
    assert.equal(alone.tokens, completion.tokens);
  }
});

test('n completions with shifts evaluate the prompt again and stay independent', async () => {
  const core = new FakeCore();
  const prompt = randomTokens(randomSource(9), 30);
  const options: GenerateOptions = { n: 3, seed: 1, maxTokens: 20, contextFull: 'shift', bannedTokens: [0] };
  const session = open(core);
  const { choices } = await session.generate(prompt, options);
  choices.forEach(({ tokens }, index) => {
    assert.equal(tokens, literalTokens(core, prompt, options, index));
  });
  assert.equal(session.tokens, prompt);
});

test('streamed tokens say which completion they belong to, in turns', async () => {
  const { tokens, completion } = await collect(open(), PROMPT, { n: 3, maxTokens: 4, seed: 5 });
  completion.choices.forEach((choice) => {
    const own = tokens.filter(({ index }) => index === choice.index);
    assert.equal(
      own.map(({ id }) => id),
      choice.tokens,
    );
    assert.is(own.map(({ text }) => text).join(''), choice.text);
  });
  assert.equal(
    tokens.slice(0, 6).map(({ index }) => index),
    [0, 1, 2, 0, 1, 2],
  );
});

test("log-probabilities are the model's own, whatever the options change", async () => {
  const core = new FakeCore();
  const changes: GenerateOptions = {
    temperature: 0.3,
    topK: 5,
    logitBias: { 7: 5 },
    repetitionPenalty: 2,
    maxTokens: 6,
  };
  for (const logprobs of [0, 1, 20]) {
    const { tokens, completion } = await collect(open(core), PROMPT, { ...changes, logprobs, seed: 3 });
    assert.equal(
      completion.tokens,
      literalTokens(core, PROMPT, { ...changes, seed: 3 }),
      'reporting changes nothing',
    );
    assert.is(completion.logprobs!.length, completion.tokens.length);
    completion.tokens.forEach((id, position) => {
      const row = new NaiveRow(core.logitsOf([...PROMPT, ...completion.tokens.slice(0, position)]));
      const sum = row.values.reduce((total, logit) => total + Math.exp(logit), 0);
      const logprob = (token: number) => Math.log(Math.exp(row.values[token]!) / sum);
      const entry = completion.logprobs![position]!;
      assert.is(entry.id, id);
      assert.is(entry.text, fakeTokenizer.decode([id]));
      assert.ok(Math.abs(entry.logprob - logprob(id)) < 1e-5);
      const best = rankByProbability(row.softmax(1)).filter((token) => token < fakeTokenizer.vocabSize);
      assert.equal(
        entry.top.map((other) => other.id),
        best.slice(0, logprobs),
      );
      for (const other of entry.top) {
        assert.ok(Math.abs(other.logprob - logprob(other.id)) < 1e-5);
        assert.is(other.text, fakeTokenizer.decode([other.id]));
      }
      assert.is(tokens[position]!.logprob, entry.logprob);
      assert.equal(tokens[position]!.top, entry.top);
    });
    assert.equal(completion.choices[0]!.logprobs, completion.logprobs);
  }
  const { tokens, completion } = await collect(open(core), PROMPT, { maxTokens: 1 });
  assert.not.ok('logprobs' in completion || 'logprob' in tokens[0]! || 'top' in tokens[0]!);
});

test('ids without text are never sampled: padding of the model and gaps of the tokenizer', async () => {
  const gaps = [5, 6, 7, 8, 9];
  const holey = {
    ...fakeTokenizer,
    tokenBytes: (id: number) => {
      if (gaps.includes(id)) throw new Error('no such token');
      return fakeTokenizer.tokenBytes(id);
    },
  } as unknown as Tokenizer;
  const core = new FakeCore();
  core.logitsOf = () =>
    Array.from({ length: core.config.vocabSize }, (_, id) =>
      id >= fakeTokenizer.vocabSize || gaps.includes(id) ? 9 : 0,
    );
  const session = new Session(core, holey, unsaved);
  const { tokens, logprobs } = await session.generate('a', {
    maxTokens: 30,
    bannedTokens: [0],
    logprobs: 20,
    seed: 4,
  });
  assert.is(tokens.length, 30);
  assert.ok(tokens.every((id) => id < fakeTokenizer.vocabSize && !gaps.includes(id)));
  assert.ok(
    logprobs!.every(
      ({ top }) => top.length === 20 && top.every(({ id }) => tokens.length && !gaps.includes(id) && id < 48),
    ),
  );
});

test('a seed gives the same completion again, also the one that was drawn', async () => {
  const options = { maxTokens: 12 };
  const drawn = await open().generate(PROMPT, options);
  const again = await open().generate(PROMPT, { ...options, seed: drawn.seed });
  assert.equal(again.tokens, drawn.tokens);
  const texts = await Promise.all([1, 2, 3].map((seed) => open().generate(PROMPT, { ...options, seed })));
  assert.is(new Set(texts.map(({ text }) => text)).size, 3);
});

test('a vocabulary that is banned altogether is a clear error', async () => {
  const everything = Array.from({ length: 64 }, (_, id) => id);
  await thrown(() => open().generate('a', { bannedTokens: everything }), 'invalid-option', 'bannedTokens');
});

test.run();
