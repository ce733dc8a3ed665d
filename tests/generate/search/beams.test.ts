import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpt2Error } from '../../../src/base/errors.js';
import type { Token } from '../../../src/generate/completion.js';
import { healPrompt } from '../../../src/generate/healing.js';
import type { GenerateOptions } from '../../../src/generate/options.js';
import { createProcessors } from '../../../src/generate/processors/create_processors.js';
import { Session } from '../../../src/generate/session.js';
import { loadModel, type Model } from '../../../src/index.js';
import { FakeCore, NaiveRow, rankByProbability } from '../../support/fake_core.js';
import { fakeTokenizer } from '../../support/fake_tokenizer.js';
import { literalBeams } from '../../support/literal_beams.js';
import { disposeLmModels, LM, lmModel } from '../../support/lm_model.js';
import { freshSeed } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { resolveAll } from '../../support/resolve_all.js';
import { runBeams } from '../../support/run_beams.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { thrown } from '../../support/thrown.js';
import { endsOf, type GoldenCall, optionsOf } from '../../support/transformers_options.js';
import { unsaved } from '../../support/unsaved.js';

interface Golden extends GoldenCall {
  readonly sequences_scores: readonly number[];
}
interface DiverseGolden extends Omit<Golden, 'name' | 'arguments'> {
  readonly num_beams: number;
  readonly num_beam_groups: number;
  readonly diversity_penalty: number;
  readonly length_penalty: number;
}

const { cases, diverse }: { cases: readonly Golden[]; diverse: readonly DiverseGolden[] } = JSON.parse(
  readFileSync(new URL('search.json', LM), 'utf8'),
);
test.after(disposeLmModels);

async function assertGolden(
  model: Model,
  options: GenerateOptions,
  { prompt, sequences, sequences_scores }: Omit<Golden, 'name' | 'arguments'>,
  about: string,
): Promise<void> {
  const completion = await model.generate(prompt, options);
  const { choices, tokens, score } = completion;
  assert.equal(
    choices.map((choice) => choice.tokens),
    sequences,
    about,
  );
  assert.equal([tokens, score], [choices[0]!.tokens, choices[0]!.score]);
  for (const [i, choice] of choices.entries()) {
    const expected = sequences_scores[i]!;
    assert.ok(
      Math.abs(choice.score! - expected) <= 2e-6 * Math.abs(expected),
      `${about}: ${choice.score}, ${expected}`,
    );
    assert.is(choice.index, i);
  }
}

test('generate finds the texts and scores of transformers, alone and with processors, all at once', async () => {
  assert.is(cases.length, 69);
  await Promise.all(
    cases.map(async (golden) => {
      const model = await lmModel(endsOf(golden));
      await assertGolden(model, optionsOf(golden), golden, `${golden.name} after ${golden.prompt}`);
    }),
  );
});

test('generate finds the texts and scores of diverse groups', async () => {
  const model = await lmModel([0]);
  for (const golden of diverse) {
    const options: GenerateOptions = {
      maxTokens: golden.max_new_tokens,
      beams: golden.num_beams,
      returned: golden.sequences.length,
      beamGroups: golden.num_beam_groups,
      diversityPenalty: golden.diversity_penalty,
      lengthPenalty: golden.length_penalty,
    };
    await assertGolden(model, options, golden, `${golden.num_beam_groups} groups after ${golden.prompt}`);
  }
});

const open = (core: FakeCore) => new Session(core, fakeTokenizer, unsaved);

/** Log-probabilities [V] after tokens. */
function logProbsOf(core: FakeCore, tokens: readonly number[]): Float32Array {
  const row = new NaiveRow(core.logitsOf(tokens));
  const sum = row.logSumExp();
  return row.values.map((logit) => logit - sum);
}

/** What a beam search of a session must return: the search by its definition, over the whole text. */
function literal(core: FakeCore, prompt: readonly number[], options: GenerateOptions) {
  const { contextLength, eosTokenIds, vocabSize } = core.config;
  const resolved = resolveAll(options, core.config);
  const { beams, beamGroups: groups, diversityPenalty, lengthPenalty, earlyStopping, stop } = resolved;
  const room = contextLength + 1 - prompt.length;
  const ban = (logits: Float32Array) => logits.fill(-Infinity, fakeTokenizer.vocabSize, vocabSize);
  const texts = literalBeams(
    {
      ...{ beams, groups, diversityPenalty, lengthPenalty, earlyStopping },
      maxTokens: Math.min(resolved.maxTokens, room),
      maxTokensReason: resolved.maxTokens <= room ? 'length' : 'context',
      endTokens: new Set(resolved.ignoreEos ? [] : eosTokenIds),
      stops: (tokens) => {
        const text = fakeTokenizer.decode(tokens);
        return stop.some((one) => text.includes(one));
      },
      createProcessors: () => [
        { apply: ban },
        ...createProcessors(resolved, prompt, eosTokenIds, fakeTokenizer),
      ],
    },
    (tokens) => logProbsOf(core, [...prompt, ...tokens]),
  );
  return texts.slice(0, resolved.returned);
}

function randomOptions(random: ReturnType<typeof randomSource>): GenerateOptions {
  const beamGroups = random.pick([1, 1, 2, 3]);
  const beams = beamGroups * (2 + random.below(3));
  return {
    beams,
    returned: random.pick([1, beams, 1 + random.below(beams)]),
    lengthPenalty: random.pick([-1, 0, 1, 2]),
    earlyStopping: random.pick([true, false, 'never']),
    beamGroups,
    diversityPenalty: beamGroups > 1 ? random.pick([0.5, 2]) : 0,
    maxTokens: 1 + random.below(12),
    repetitionPenalty: random.pick([1, 1.2]),
    noRepeatNgram: random.pick([0, 2]),
    ignoreEos: random.uniform() < 0.2,
    logitBias: random.pick([{}, { 0: 4 }]),
    sequenceBias: random.pick([[], [{ tokens: [1 + random.below(20)], bias: 2 }]]),
    stop: random.pick([[], ['e'], ['th', 'ab', 'z']]),
    logprobs: random.pick([undefined, 0, 3]),
  };
}

/**
 * Prompts and options whose best text ends for a reason, whatever is drawn otherwise. No prompt has the end of
 * text or a 'z', so no processor holds back the token with a large bias, which leads the texts of each length.
 */
const FORCED: readonly {
  readonly reason?: 'eos' | 'stop' | 'length' | 'context';
  readonly prompt?: string;
  readonly options?: GenerateOptions;
}[] = [
  {},
  { reason: 'eos', options: { ignoreEos: false, logitBias: { 0: 40 } } },
  { reason: 'stop', options: { stop: ['th', 'z'], logitBias: { [fakeTokenizer.encode('z')[0]!]: 40 } } },
  { reason: 'length', prompt: 'the end', options: { ignoreEos: true, stop: [] } },
  { reason: 'context', prompt: 'abc '.repeat(7), options: { ignoreEos: true, stop: [], maxTokens: 9 } },
];

const seed = freshSeed('random searches');

test(`random searches find what the definition finds, with scores and texts (seed ${seed})`, async () => {
  const random = randomSource(seed);
  for (let round = 0; round < 120; round++) {
    const forced = FORCED[round % FORCED.length]!;
    // With few pages, sequences lose theirs and are evaluated again.
    const core = new FakeCore({}, random.pick([3, 6, 1000]));
    const options = { ...randomOptions(random), ...forced.options };
    const drawnPrompt = random.pick(['the end', 'a', 'in the sea, th', 'abc '.repeat(7)]);
    const prompt = fakeTokenizer.encode(forced.prompt ?? drawnPrompt);
    const about = `seed ${seed}, round ${round}: ${JSON.stringify({ prompt, options })}`;
    const texts = literal(core, prompt, options);
    const session = open(core);
    const stream = session.stream(prompt, options);
    const streamed: Token[] = [];
    for await (const token of stream) streamed.push(token);
    const { choices, usage, seed: drawn, logprobs } = await stream.completion;
    assert.equal(
      choices.map(({ tokens, score, finishReason }) => ({ tokens, score, finishReason })),
      texts.map(({ tokens, score, finishReason }) => ({ tokens, score, finishReason })),
      about,
    );
    assert.equal(
      streamed.map(({ id, index }) => [index, id]),
      choices.flatMap(({ index, tokens }) => tokens.map((id) => [index, id])),
      'one text after the other',
    );
    assert.is(drawn, 0);
    assert.equal(usage, {
      promptTokens: prompt.length,
      cachedPromptTokens: 0,
      completionTokens: streamed.length,
      draftTokens: 0,
      acceptedDraftTokens: 0,
    });
    if (forced.reason !== undefined) assert.is(choices[0]!.finishReason, forced.reason, about);
    for (const { index, text, tokens, finishReason } of choices) {
      const own = streamed.filter((token) => token.index === index);
      assert.is(own.map((token) => token.text).join(''), text);
      const shown = finishReason === 'eos' ? tokens.slice(0, -1) : tokens;
      const whole = fakeTokenizer.decode(shown);
      if (finishReason === 'stop') assert.ok(whole.startsWith(text), about);
      else assert.is(text, whole, about);
    }
    assert.is(logprobs?.length, options.logprobs === undefined ? undefined : choices[0]!.tokens.length);
    // The texts of a session, and its pages.
    const best = options.returned === 1 ? choices[0]!.tokens.slice(0, -1) : [];
    assert.equal(session.tokens, [...prompt, ...best]);
    assert.ok(core.pool.counts.used <= 1, 'only the session may have a page');
    session.dispose();
    assert.is(core.pool.counts.used, 0);
  }
});

test("log-probabilities are the model's own at each place of each text", async () => {
  const core = new FakeCore();
  const prompt = fakeTokenizer.encode('the end');
  const options: GenerateOptions = { beams: 4, returned: 4, maxTokens: 8, repetitionPenalty: 1.5 };
  const { choices } = await open(core).generate(prompt, { ...options, logprobs: 3, logitBias: { 0: 5 } });
  for (const { tokens, logprobs } of choices) {
    assert.is(logprobs!.length, tokens.length);
    tokens.forEach((id, at) => {
      const before = [...prompt, ...tokens.slice(0, at)];
      const expected = logProbsOf(core, before);
      const entry = logprobs![at]!;
      assert.is(entry.id, id);
      assert.ok(Math.abs(entry.logprob - expected[id]!) < 1e-6);
      const likeliest = rankByProbability(new NaiveRow(core.logitsOf(before)).softmax(1)).filter(
        (token) => token < fakeTokenizer.vocabSize,
      );
      assert.equal(
        entry.top.map((other) => other.id),
        likeliest.slice(0, 3),
      );
    });
  }
  const without = await open(core).generate(prompt, { ...options, logitBias: { 0: 5 } });
  assert.equal(
    without.choices.map(({ tokens }) => tokens),
    choices.map(({ tokens }) => tokens),
    'the report changes nothing',
  );
});

test('all live texts of a step are evaluated in one batch, and the prompt once', async () => {
  const core = new FakeCore();
  await open(core).generate([5, 6, 7], { beams: 6, maxTokens: 5, ignoreEos: true, returned: 2 });
  assert.equal(core.batches, [1, 6, 6, 6, 6]);
  assert.is(core.takeEvaluated(), 3 + 4 * 6);
});

test('a signal ends the search with the best texts so far, and no page stays', async () => {
  const core = new FakeCore();
  const { used } = core.pool.counts;
  for (const [options, steps] of [
    [{ returned: 3 }, 3],
    [{ returned: 1, logprobs: 2 }, 5],
  ] as const) {
    const controller = new AbortController();
    let batches = 0;
    core.onForward = () => {
      if (++batches === steps + 1) controller.abort();
    };
    const session = open(core);
    const { choices, tokens, score } = await session.generate('the end', {
      ...{ beams: 3, ignoreEos: true, maxTokens: 20, signal: controller.signal },
      ...options,
    });
    assert.is(choices.length, options.returned);
    for (const { finishReason, tokens } of choices) {
      assert.equal([finishReason, tokens.length], ['aborted', steps]);
    }
    const total = tokens.reduce(
      (sum, id, at) =>
        sum + logProbsOf(core, [...fakeTokenizer.encode('the end'), ...tokens.slice(0, at)])[id]!,
      0,
    );
    assert.ok(Math.abs(score! - total / steps) < 1e-5);
    session.dispose();
    assert.is(core.pool.counts.used, used);
  }
  core.onForward = () => {};
  const session = open(core);
  const before = await session.generate('the', { beams: 2, signal: AbortSignal.abort() });
  assert.equal([before.tokens, before.text, before.finishReason], [[], '', 'aborted']);
});

test('a reader that leaves ends the search, and no page stays', async () => {
  const core = new FakeCore();
  const session = open(core);
  const stream = session.stream('the end', { beams: 3, ignoreEos: true, maxTokens: 20 });
  core.onForward = () => {
    if (core.batches.length === 4) void stream.return();
  };
  assert.not.ok((await stream.next()).value === undefined);
  const { finishReason, tokens } = await stream.completion;
  assert.equal([finishReason, tokens.length], ['aborted', 3]);
  assert.is(core.batches.length, 4);
  const unread = session.stream('the end', { beams: 3 });
  await unread.return();
  assert.equal((await unread.completion).tokens, []);
  session.dispose();
  assert.is(core.pool.counts.used, 0);
});

test('an error ends the search, and no page stays', async () => {
  const ends: [(session: Session) => void, (call: () => Promise<unknown>) => Promise<unknown>][] = [
    [
      () => {
        throw new Gpt2Error('runtime', 'a thread died');
      },
      (call) => thrown(call, 'runtime', 'a thread died'),
    ],
    [(session) => session.dispose(), (call) => thrown(call, 'disposed')],
  ];
  for (const [end, expectError] of ends) {
    const core = new FakeCore();
    const session = open(core);
    core.onForward = () => {
      if (core.batches.length === 4) end(session);
    };
    await expectError(() => session.generate('the end', { beams: 3, ignoreEos: true, maxTokens: 20 }));
    assert.is(core.batches.length, 4);
    session.dispose();
    assert.is(core.pool.counts.used, 0);
  }
});

test('a full context: stop ends there, error says so, also for a prompt that fills it', async () => {
  const core = new FakeCore();
  const T = core.config.contextLength;
  for (const length of [T - 3, T]) {
    const prompt = Array.from({ length }, (_, i) => 1 + (i % 40));
    const options: GenerateOptions = { beams: 2, ignoreEos: true };
    const { finishReason, tokens } = await open(core).generate(prompt, options);
    assert.equal([finishReason, tokens.length], ['context', T + 1 - length]);
    const call = () => open(core).generate(prompt, { ...options, contextFull: 'error' });
    await thrown(call, 'context-full', `${T + 1 - length} generated`, 'to "stop",');
  }
});

test('if all tokens are banned, the options are refused', async () => {
  const bannedTokens = Array.from({ length: fakeTokenizer.vocabSize }, (_, id) => id);
  await thrown(() => open(new FakeCore()).generate('a', { beams: 2, bannedTokens }), 'invalid-option', 'ban');
});

test('a session goes on after its best text, and keeps the prompt alone of several', async () => {
  const core = new FakeCore();
  const session = open(core);
  // Bytes of characters would not be a text's tokens any more once the text is encoded again.
  const bannedTokens = Array.from({ length: 9 }, (_, i) => 39 + i);
  const options: GenerateOptions = { beams: 3, maxTokens: 6, ignoreEos: true, bannedTokens };
  const first = await session.generate('the end', options);
  session.append(' a');
  const next = await session.generate(undefined, options);
  const whole = [...fakeTokenizer.encode('the end'), ...first.tokens, ...fakeTokenizer.encode(' a')];
  assert.equal(next.usage, {
    ...{ promptTokens: whole.length, cachedPromptTokens: 12, completionTokens: 6 },
    ...{ draftTokens: 0, acceptedDraftTokens: 0 },
  });
  assert.equal(next.tokens, (await open(new FakeCore()).generate(whole, options)).tokens);
  await session.generate('the end', { ...options, returned: 2 });
  session.append(' a');
  const { usage } = await session.generate(undefined, options);
  assert.is(usage.promptTokens, 9);
});

test('a stop string and a healed prompt in a text of a real model', async () => {
  const model = await loadModel(storiesTiny, { build: 'simd' });
  try {
    const { tokenizer, config } = model;
    const V = config.vocabSize;
    const prompt = 'Once upon a ti';
    const healed = healPrompt(tokenizer.encode(prompt), tokenizer, config.eosTokenIds[0]);
    const options: GenerateOptions = {
      beams: 3,
      returned: 3,
      maxTokens: 8,
      heal: true,
      stop: ['little', '.'],
    };
    const search = await runBeams(
      {
        ...{ beams: 3, maxTokens: 8, endTokens: new Set(config.eosTokenIds) },
        stops: (tokens) => /little|\./.test(tokenizer.decode(tokens).slice(healed.units)),
        createProcessors: () => [healed.createMask()],
      },
      async (tokens) => (await model.logits([...healed.ids, ...tokens])).slice(-V),
    );
    const { choices } = await model.generate(prompt, options);
    assert.equal(
      choices.map(({ tokens, finishReason }) => ({ tokens, finishReason })),
      search.best(3).map(({ tokens, finishReason }) => ({ tokens, finishReason })),
    );
    assert.match(choices[0]!.text, /^me/);
    assert.ok(choices.every(({ text }) => !/little|\./.test(text)));
    assert.ok(choices.some(({ finishReason }) => finishReason === 'stop'));
  } finally {
    model.dispose();
  }
});

test.run();
