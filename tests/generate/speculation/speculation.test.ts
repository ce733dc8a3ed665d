import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Completion, Token } from '../../../src/generate/completion.js';
import { loadedModels } from '../../../src/generate/loaded_models.js';
import type { GenerateOptions } from '../../../src/generate/options.js';
import { Session } from '../../../src/generate/session.js';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.js';
import { FakeCore } from '../../support/fake_core.js';
import { fakeTokenizer } from '../../support/fake_tokenizer.js';
import { literalTokens } from '../../support/literal_generation.js';
import { mix } from '../../support/mix.js';
import { freshSeed } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { unsaved } from '../../support/unsaved.js';

type Random = ReturnType<typeof randomSource>;

/** The fake tokenizer with what healing needs. */
const tokenizer = {
  ...fakeTokenizer,
  specialTokens: new Map([['<|end|>', 0]]),
  tokensAlong: (bytes: Uint8Array) =>
    Array.from({ length: fakeTokenizer.vocabSize - 1 }, (_, i) => i + 1).filter((id) =>
      fakeTokenizer.tokenBytes(id).every((byte, i) => i >= bytes.length || bytes[i] === byte),
    ),
} as unknown as Tokenizer;

/** A core whose next token depends on the latest alone, so that texts repeat. `sharp`: range of the logits. */
function repetitive(sharp: number, mostPages?: number): FakeCore {
  const core = new FakeCore({ contextLength: 64 }, mostPages);
  core.batchMs = (rows) => 1 + rows / 50;
  core.logitsOf = (prefix) => {
    const hash = mix(1, prefix.at(-1)!);
    return Array.from({ length: core.config.vocabSize }, (_, id) => (sharp * mix(hash, id)) / 2 ** 32);
  };
  return core;
}

/** A model that drafts for a core and agrees with it about three positions of four. */
function draftOf(core: FakeCore) {
  const drafting = new FakeCore(core.config);
  drafting.batchMs = () => 0.05;
  drafting.logitsOf = (prefix) => core.logitsOf(prefix.length % 4 === 0 ? prefix.slice(1) : prefix);
  const model = { config: drafting.config };
  loadedModels.set(model, { core: drafting, tokenizer });
  return { model, drafting };
}

/** The options that speculate for a core. */
function speculations(core: FakeCore) {
  const { model, drafting } = draftOf(core);
  return { prompt: { speculate: 'prompt' as const }, draft: { draft: model }, drafting };
}

function randomOptions(random: Random): GenerateOptions {
  const temperature = random.pick([0, 0.3, 0.8, 1.5]);
  return {
    temperature,
    n: temperature === 0 ? 1 : random.pick([1, 1, 2, 3]),
    maxTokens: 1 + random.below(60),
    topK: random.pick([0, 0, 5]),
    topP: random.pick([1, 0.9]),
    minP: random.pick([0, 0, 0.05]),
    typicalP: random.pick([1, 1, 0.9]),
    repetitionPenalty: random.pick([1, 1, 1.3]),
    frequencyPenalty: random.pick([0, 0, 0.4]),
    presencePenalty: random.pick([0, 0, 0.2]),
    noRepeatNgram: random.pick([0, 0, 0, 1, 4]),
    logitBias: random.pick([{}, {}, { [random.below(48)]: 3 }]),
    bannedTokens: random.pick([[], [0], [0, random.below(48)]]),
    stop: random.pick([[], [], ['th'], ['ab', '. '], ['e']]),
    ignoreEos: random.pick([true, false]),
    logprobs: random.pick([undefined, undefined, 0, 3]),
    contextFull: random.pick(['stop', 'shift', 'error'] as const),
    keep: random.pick([0, 3]),
    heal: random.pick([false, false, true]),
    seed: random.below(1e9),
  };
}

/** What ends a reader's interest: nothing, or leaving the loop or aborting the signal after some tokens. */
interface Leaving {
  readonly how: 'break' | 'abort';
  readonly after: number;
}

/** A full context after a long prompt, whose likeliest tokens repeat: drafts of both kinds are right. */
const FULL: GenerateOptions = {
  ...{ ignoreEos: true, maxTokens: 60, stop: [], temperature: 0, n: 1, heal: false },
  ...{ bannedTokens: [], logitBias: {}, noRepeatNgram: 0 },
  ...{ repetitionPenalty: 1, frequencyPenalty: 0, presencePenalty: 0 },
};
/** The token with a bias of 100 comes first. */
const certain = (logitBias: Record<number, number>, more: GenerateOptions): GenerateOptions => ({
  ...{ logitBias, bannedTokens: [], noRepeatNgram: 0, repetitionPenalty: 1, heal: false },
  ...more,
});
const Z = fakeTokenizer.encode('z')[0]!;
/** Ends of generations, each with options and a length of the prompt that lead there whatever is drawn. */
const ENDS: readonly {
  readonly end: string;
  readonly options: GenerateOptions;
  readonly promptLength?: number;
  readonly leavingAfter?: number;
}[] = [
  { end: 'length', options: { ignoreEos: true, stop: [], maxTokens: 8, bannedTokens: [], noRepeatNgram: 0 } },
  { end: 'eos', options: certain({ 0: 100 }, { ignoreEos: false }) },
  { end: 'stop', options: certain({ [Z]: 100 }, { stop: ['z'] }) },
  { end: 'context', options: { ...FULL, contextFull: 'stop' }, promptLength: 40 },
  { end: 'Gpt2Error', options: { ...FULL, contextFull: 'error' }, promptLength: 40 },
  { end: 'aborted', options: { ...FULL, contextFull: 'shift', keep: 3 }, leavingAfter: 20 },
];

/** Everything that the reader of a stream sees, also the error that ends it, or else what the session keeps. */
async function read(
  session: Session,
  prompt: readonly number[],
  options: GenerateOptions,
  leaving?: Leaving,
) {
  const controller = new AbortController();
  const stream = session.stream(prompt, { ...options, signal: controller.signal });
  const tokens: Token[] = [];
  let error: string | undefined;
  let completion: Completion | undefined;
  try {
    for await (const token of stream) {
      tokens.push(token);
      if (tokens.length !== leaving?.after) continue;
      if (leaving.how === 'break') break;
      controller.abort();
    }
    completion = await stream.completion;
  } catch (thrown) {
    error = String(thrown);
  }
  const { timings: _, usage, ...rest } = completion ?? {};
  const { draftTokens = 0, acceptedDraftTokens = 0, ...counts } = usage ?? {};
  return {
    seen: { tokens, error, counts, kept: error === undefined ? session.tokens : [], ...rest },
    draftTokens,
    acceptedDraftTokens,
  };
}

test('random options give the same tokens, texts, numbers, errors and sessions with speculation', async () => {
  const seed = freshSeed('speculation');
  const random = randomSource(seed);
  const accepted = { prompt: 0, draft: 0 };
  for (let round = 0; round < 250; round++) {
    // Every other round has an end by its options.
    const forced = round % 2 === 0 ? undefined : ENDS[((round - 1) / 2) % ENDS.length]!;
    const [sharp, pages] = [random.pick([6, 15, 40]), random.pick([6, 100])];
    const options = { ...randomOptions(random), ...forced?.options };
    const length = forced?.promptLength ?? 1 + random.below(40);
    const prompt = Array.from({ length }, () => 1 + random.below(30));
    const after = forced
      ? forced.leavingAfter
      : [undefined, undefined, 1 + random.below(20)][random.below(3)];
    const leaving =
      after === undefined ? undefined : { how: random.pick(['break', 'abort'] as const), after };
    const plain = await read(
      new Session(repetitive(sharp, pages), tokenizer, unsaved),
      prompt,
      options,
      leaving,
    );
    assert.is(plain.draftTokens + plain.acceptedDraftTokens, 0);
    const about = { seed, round, leaving, prompt, options };
    const end = plain.seen.error?.replace(/:.*/, '') ?? plain.seen.finishReason;
    if (forced) assert.is(end, forced.end, JSON.stringify(about));
    for (const kind of ['prompt', 'draft'] as const) {
      const core = repetitive(sharp, pages);
      const { [kind]: speculation, drafting } = speculations(core);
      const session = new Session(core, tokenizer, unsaved);
      const fast = await read(session, prompt, { ...options, ...speculation }, leaving);
      assert.equal(fast.seen, plain.seen, JSON.stringify({ kind, ...about }));
      assert.ok(fast.acceptedDraftTokens <= fast.draftTokens);
      accepted[kind] += fast.acceptedDraftTokens;
      session.dispose();
      for (const { pool } of [core, drafting]) assert.is(pool.counts.used, 0, 'pages come back');
    }
  }
  // On average 870 and 2,500.
  assert.ok(accepted.prompt > 100 && accepted.draft > 500, JSON.stringify(accepted));
});

test('generations that speculate beside others, and beside each other, are those of each alone', async () => {
  const random = randomSource(31);
  for (let round = 0; round < 20; round++) {
    const core = repetitive(15, random.pick([8, 100]));
    const { prompt: lookup, draft } = speculations(core);
    const results = Array.from({ length: 12 }, async (_, i) => {
      const prompt = Array.from({ length: 1 + random.below(30) }, () => 1 + random.below(30));
      const options = { maxTokens: 1 + random.below(30), temperature: 0.5, seed: round * 100 + i };
      const speculation = random.pick([lookup, draft, {}]);
      const session = new Session(core, tokenizer, unsaved);
      const { tokens } = await session.generate(prompt, { ...options, ...speculation });
      session.dispose();
      assert.equal(tokens, literalTokens(core, prompt, options));
    });
    await Promise.all(results);
    assert.is(core.pool.counts.used, 0);
  }
});

test('right drafts save batches, and wrong ones are given up', async () => {
  const core = new FakeCore({ contextLength: 400 });
  core.batchMs = (rows) => 1 + rows / 50;
  const script = Array.from({ length: 12 }, (_, i) => 1 + ((i * 7) % 30));
  core.logitsOf = (prefix) => {
    const next = script[prefix.length % script.length]!;
    return Array.from({ length: core.config.vocabSize }, (_, id) => (id === next ? 20 : 0));
  };
  const batches = async (options: GenerateOptions) => {
    core.batches.length = 0;
    const { usage } = await new Session(core, tokenizer, unsaved).generate(script, {
      maxTokens: 200,
      temperature: 0,
      ...options,
    });
    return { count: core.batches.length, usage };
  };
  const plain = await batches({});
  const copying = await batches({ speculate: 'prompt' });
  assert.is(plain.count, 200);
  assert.ok(copying.count < 30, `${copying.count} batches`);
  assert.is(copying.usage.acceptedDraftTokens, 200 - copying.count);

  const random = randomSource(9);
  core.logitsOf = () => Array.from({ length: core.config.vocabSize }, () => 8 * random.uniform());
  core.batchMs = (rows) => rows;
  const inventing = await batches({ speculate: 'prompt', ignoreEos: true });
  assert.ok(inventing.usage.draftTokens < 10, `${inventing.usage.draftTokens} drafts`);
});

test('numbers that overflow after a wrong draft are no error, and those of one sequence no error of another', async () => {
  const text = [1, 2, 3, 4, 1, 2, 3, 4];
  const core = repetitive(0);
  core.logitsOf = (prefix) => {
    if (prefix.length > 9 && prefix[9] !== 30) throw new Error('overflow');
    const next = prefix.length === 8 ? 1 : 30;
    return Array.from({ length: core.config.vocabSize }, (_, id) => (id === next ? 20 : 0));
  };
  const options = { temperature: 0, maxTokens: 4, speculate: 'prompt' } as const;
  const { tokens, usage } = await new Session(core, tokenizer, unsaved).generate(text, options);
  assert.equal(tokens, [1, 30, 30, 30]);
  assert.ok(usage.draftTokens > usage.acceptedDraftTokens);
  const broken = new Session(core, tokenizer, unsaved).generate([...text, 1, 2, 3, 4], options);
  const whole = new Session(core, tokenizer, unsaved).generate(text, options);
  assert.is(await broken.catch((error: Error) => error.message), 'overflow');
  assert.equal((await whole).tokens, tokens);
});

test('a batch that is full of others gets no drafts', async () => {
  const core = repetitive(40);
  core.batchMs = (rows) => Math.max(20, rows);
  const options = { maxTokens: 40, temperature: 0.2, ignoreEos: true, speculate: 'prompt' } as const;
  const session = new Session(core, tokenizer, unsaved);
  const alone = await session.generate([5, 6, 5, 6], { ...options, n: 1, seed: 3 });
  const crowd = await session.generate([5, 6, 5, 6], { ...options, n: 64, seed: 3 });
  assert.ok(alone.usage.acceptedDraftTokens > 5);
  assert.ok(crowd.usage.draftTokens / 64 < 2, `${crowd.usage.draftTokens} drafts`);
});

test.run();
