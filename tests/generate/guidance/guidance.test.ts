import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Completion } from '../../../src/generate/completion.js';
import { loadedModels } from '../../../src/generate/loaded_models.js';
import type { DraftModel, GenerateOptions } from '../../../src/generate/options.js';
import { Session } from '../../../src/generate/session.js';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.js';
import { FakeCore, NaiveRow } from '../../support/fake_core.js';
import { fakeTokenizer } from '../../support/fake_tokenizer.js';
import { literalTokens } from '../../support/literal_generation.js';
import { guidedRow, type LiteralGuidance } from '../../support/literal_guidance.js';
import { mix } from '../../support/mix.js';
import { holds } from '../../support/property.js';
import { thrown } from '../../support/thrown.js';
import { unsaved } from '../../support/unsaved.js';

const open = (core: FakeCore) => new Session(core, fakeTokenizer, unsaved);

/** Another core of the same vocabulary, as a model that options may name. */
function expertOf(seed: number, config: object = {}, tokenizer: Tokenizer = fakeTokenizer) {
  const core = new FakeCore(config);
  core.logitsOf = (prefix) => {
    const hash = prefix.reduce(mix, seed);
    return Array.from({ length: core.config.vocabSize }, (_, id) => (3 * mix(hash, id)) / 2 ** 32);
  };
  const model: DraftModel = { config: core.config };
  loadedModels.set(model, { core, tokenizer });
  return { core, model };
}

/** What must be drawn: a core whose logits are the guided ones, after a prompt that it knows. */
function literal(
  core: FakeCore,
  prompt: readonly number[],
  options: GenerateOptions,
  guidance: LiteralGuidance,
  index = 0,
): number[] {
  const negative = guidance.negative?.length ?? 1;
  const contextLength = Math.min(
    core.config.contextLength - (guidance.guidance === undefined ? 0 : Math.max(0, negative - prompt.length)),
    ...(guidance.experts ?? []).map((expert) => expert.core.config.contextLength),
  );
  const guided = new FakeCore({ ...core.config, contextLength });
  guided.logitsOf = (text) => guidedRow(core, prompt, text.slice(prompt.length), guidance).row.values;
  return literalTokens(guided, prompt, options, index);
}

const tokens = (most: number) => fc.array(fc.integer({ min: 1, max: 47 }), { minLength: 1, maxLength: most });
const settings = fc.record({
  prompt: tokens(12),
  negative: fc.option(tokens(16), { nil: undefined }),
  guidance: fc.constantFrom(undefined, 0, 0.5, 1.5, 3),
  experts: fc.array(
    fc.record({ seed: fc.nat(5), weight: fc.constantFrom(-1, 0.5, 2), context: fc.constantFrom(24, 32) }),
    {
      maxLength: 2,
    },
  ),
  options: fc.record({
    temperature: fc.constantFrom(0.3, 1, 1.4),
    n: fc.integer({ min: 1, max: 3 }),
    topK: fc.constantFrom(0, 5),
    topP: fc.constantFrom(0.9, 1),
    repetitionPenalty: fc.constantFrom(1, 1.4),
    noRepeatNgram: fc.constantFrom(0, 2),
    bannedTokens: fc.constantFrom([], [0]),
    seed: fc.nat(1e6),
    maxTokens: fc.integer({ min: 1, max: 40 }),
    logprobs: fc.constantFrom(undefined, 2),
  }),
});

test('what is drawn is what the definition gives, with each option and with speculation', () =>
  holds(
    'guided texts',
    settings,
    async ({ prompt, negative, guidance, experts, options }) => {
      const core = new FakeCore();
      const others = experts.map(({ seed, weight, context }) => ({
        ...expertOf(seed, { contextLength: context }),
        weight,
      }));
      const by: LiteralGuidance = {
        ...(guidance !== undefined && { guidance, ...(negative && { negative }) }),
        experts: others,
      };
      const guided: GenerateOptions = {
        ...options,
        ...(guidance !== undefined && { guidance, negativePrompt: negative }),
        experts: others.map(({ model, weight }) => ({ model, weight })),
      };
      const session = open(core);
      const found = await session.generate(prompt, guided);
      for (const { index, tokens } of found.choices) {
        assert.equal(tokens, literal(core, prompt, options, by, index));
      }
      for (const more of [{ speculate: 'prompt' }, { draft: expertOf(1).model }] as const) {
        const told = ({ timings: _, usage: __, ...rest }: Completion) => rest;
        assert.equal(told(await session.generate(prompt, { ...guided, ...more })), told(found));
      }
      if (options.n === 1) {
        assert.equal(session.tokens, [...prompt, ...found.tokens.slice(0, -1)]);
        if (options.logprobs !== undefined) assertOwn(core, prompt, found);
      }
      session.dispose();
      assert.equal(
        [core, ...others.map((other) => other.core)].map(({ pool }) => pool.counts.used),
        [0, ...others.map(() => 0)],
      );
    },
    60,
  ));

/** The log-probabilities that are reported are the model's own. */
function assertOwn(core: FakeCore, prompt: readonly number[], { tokens, logprobs }: Completion): void {
  for (const [i, id] of tokens.entries()) {
    const row = new NaiveRow(core.logitsOf([...prompt, ...tokens.slice(0, i)]));
    const { logprob, top } = logprobs![i]!;
    assert.is(logprob, row.values[id]! - row.logSumExp());
    row.values.fill(Number.NEGATIVE_INFINITY, fakeTokenizer.vocabSize);
    assert.is(top[0]!.id, row.argmax());
  }
}

test('a step with a negative prompt is one batch, of two rows for each completion', async () => {
  for (const n of [1, 3]) {
    const core = new FakeCore();
    const session = open(core);
    const options = { guidance: 1.5, negativePrompt: [7, 8], maxTokens: 9, seed: 2, ignoreEos: true, n };
    await session.generate([1, 2, 3], options);
    assert.equal(core.batches, [2, ...new Array<number>(8).fill(2 * n)]);
    assert.is(core.takeEvaluated(), 3 + 2 + 2 * n * 8);
    session.dispose();
  }
});

test('drafts are right about guided texts, whose batches then have several rows of both contexts', async () => {
  const core = new FakeCore({ contextLength: 64 });
  core.batchMs = (rows) => 1 + rows / 50;
  const logitsOf = core.logitsOf;
  core.logitsOf = (prefix) => logitsOf(prefix.slice(-1));
  const session = open(core);
  const options = {
    guidance: 1.5,
    negativePrompt: [7, 8],
    temperature: 0.2,
    maxTokens: 50,
    seed: 2,
    ignoreEos: true,
  };
  const plain = await session.generate([1, 2, 3], options);
  const batches = core.batches.splice(0).length;
  const { tokens, usage } = await session.generate([1, 2, 3], { ...options, speculate: 'prompt' });
  assert.equal(tokens, plain.tokens);
  assert.ok(usage.acceptedDraftTokens > 10, `${usage.acceptedDraftTokens}`);
  assert.ok(core.batches.length < batches - 10);
  session.dispose();
});

test('guidance of 1 and no experts change nothing', async () => {
  for (const more of [{ guidance: 1 }, { experts: [] }, {}]) {
    const core = new FakeCore();
    const session = open(core);
    const { tokens } = await session.generate([1, 2, 3], { seed: 5, maxTokens: 8, ignoreEos: true, ...more });
    assert.equal(tokens, literalTokens(core, [1, 2, 3], { seed: 5, maxTokens: 8, ignoreEos: true }));
    assert.equal(core.batches, new Array<number>(8).fill(1));
    session.dispose();
  }
});

test('the model as its own expert sharpens its distribution, and as its anti-expert flattens it', async () => {
  const core = new FakeCore();
  const model: DraftModel = { config: core.config };
  loadedModels.set(model, { core, tokenizer: fakeTokenizer });
  const session = open(core);
  const draw = async (options: GenerateOptions) =>
    (await session.generate([4, 5], { seed: 3, topP: 1, maxTokens: 20, ignoreEos: true, ...options })).tokens;
  // Powers of two, by which numbers of 32 bits are multiplied without rounding.
  for (const [weight, temperature] of [
    [1, 0.5],
    [3, 0.25],
    [-0.5, 2],
  ] as const) {
    assert.equal(await draw({ temperature: 1, experts: [{ model, weight }] }), await draw({ temperature }));
  }
  session.dispose();
});

/** Greedy guided tokens, of which each knows whether it is the prompt's. */
function literalShifts(core: FakeCore, prompt: number[], negative: number[], count: number, keep: number) {
  const contextLength =
    core.config.contextLength - Math.max(0, negative.length - Math.min(keep, prompt.length));
  let text = prompt.map((id) => ({ id, isPrompt: true }));
  const generated: number[] = [];
  let shifts = 0;
  while (generated.length < count) {
    if (text.length > contextLength) {
      text = [...text.slice(0, keep), ...text.slice(-Math.floor((contextLength - keep) / 2))];
      shifts++;
    }
    const of = (isPrompt: boolean) => text.filter((each) => each.isPrompt === isPrompt).map(({ id }) => id);
    const { row } = guidedRow(core, of(true), of(false), { guidance: 2, negative });
    row.values.fill(Number.NEGATIVE_INFINITY, fakeTokenizer.vocabSize);
    const id = row.argmax();
    generated.push(id);
    text.push({ id, isPrompt: false });
  }
  return { generated, shifts };
}

test('a shift drops the same generated tokens after the prompt and after the negative one, which stays', () =>
  holds(
    'shifts',
    fc.record({ prompt: tokens(30), negative: tokens(30), keep: fc.nat(30), isEager: fc.boolean() }),
    async ({ prompt, negative, keep, isEager }) => {
      const core = new FakeCore();
      const contextLength = 32 - Math.max(0, negative.length - Math.min(keep, prompt.length));
      if (keep > contextLength - 2 || prompt.length > contextLength) return;
      const session = open(core);
      const { generated, shifts } = literalShifts(core, prompt, negative, 70, keep);
      const found = await session.generate(prompt, {
        ...{ temperature: 0, maxTokens: 70, contextFull: 'shift', keep, ignoreEos: true },
        ...{ guidance: 2, negativePrompt: negative, speculate: isEager ? 'prompt' : undefined },
      });
      assert.equal(found.tokens, generated);
      assert.ok(shifts > 1);
      session.dispose();
    },
    60,
  ));

test('the context is full once the negative one is', async () => {
  const core = new FakeCore();
  const session = open(core);
  const long = Array.from({ length: 30 }, (_, i) => 1 + i);
  const options = { guidance: 1.5, negativePrompt: long, ignoreEos: true, seed: 1 };
  const stopped = await session.generate([1, 2], options);
  assert.is(stopped.finishReason, 'context');
  assert.is(stopped.tokens.length, 3);
  assert.equal(
    stopped.tokens,
    literal(
      core,
      [1, 2],
      { ...options, guidance: 1, negativePrompt: undefined },
      { guidance: 1.5, negative: long },
    ),
  );
  await thrown(
    () => session.generate([1, 2], { ...options, contextFull: 'error' }),
    'context-full',
    '"shift"',
  );
  const tooLong = { ...options, negativePrompt: [...long, 1, 2, 3] };
  await thrown(() => session.generate([1], tooLong), 'context-full', 'negativePrompt has 33 tokens', '32');
  const shifting = { ...options, contextFull: 'shift' as const };
  await thrown(
    () => session.generate([1], { ...shifting, negativePrompt: [...long, 1] }),
    'context-full',
    'negativePrompt has 31 tokens',
    'it may have 30',
  );
  await thrown(
    () => session.generate([1], { ...options, negativePrompt: 'ab '.repeat(50) }),
    'context-full',
    'shorten negativePrompt',
  );
  session.dispose();
});

test("an expert's context counts, and a prompt that is longer is refused or shifted", async () => {
  const core = new FakeCore();
  const { model } = expertOf(2, { contextLength: 16 });
  const experts = [{ model, weight: 1 }];
  const session = open(core);
  const prompt = Array.from({ length: 20 }, (_, i) => 1 + i);
  await thrown(
    () => session.generate(prompt, { experts }),
    'context-full',
    '20 tokens',
    "expert's context 16",
  );
  const shifted = await session.generate(prompt, { experts, contextFull: 'shift', keep: 4, maxTokens: 2 });
  assert.is(shifted.usage.promptTokens, 4 + 6);
  await thrown(
    () => session.generate([1], { experts, contextFull: 'shift', keep: 15 }),
    'invalid-option',
    'keep is 15',
    '14',
  );
  const full = await session.generate([1], { experts, ignoreEos: true });
  assert.is(full.finishReason, 'context');
  assert.is(full.tokens.length, 16);
  session.dispose();
});

test('streams that are left, aborted or fail give the memory of helpers back', async () => {
  const core = new FakeCore();
  const { core: far, model } = expertOf(2);
  const session = open(core);
  const options = { guidance: 2, experts: [{ model, weight: 1 }], ignoreEos: true, n: 2, seed: 1 };
  for await (const _ of session.stream([1, 2, 3], options)) break;
  assert.is(far.pool.counts.used, 0);
  for (const [busy, other] of [
    [core, far],
    [far, core],
  ] as const) {
    const controller = new AbortController();
    let batches = 0;
    busy.onForward = () => {
      if (++batches === 4) controller.abort();
    };
    const { finishReason } = await session.generate([1, 2, 3], { ...options, signal: controller.signal });
    assert.is(finishReason, 'aborted');
    busy.onForward = () => {};
    assert.is(other.pool.counts.used, other === core ? 1 : 0);
  }
  await thrown(
    () => session.generate([1, 2], { ...options, bannedTokens: Array.from({ length: 48 }, (_, i) => i) }),
    'invalid-option',
    'no token is left',
  );
  session.dispose();
  assert.equal([core.pool.counts.used, far.pool.counts.used], [0, 0]);
});

test('a session that was disposed of ends its guided stream', async () => {
  const session = open(new FakeCore());
  const stream = session.stream([1, 2], { guidance: 2, ignoreEos: true });
  await stream.next();
  session.dispose();
  await thrown(() => stream.next(), 'disposed');
});

test('what cannot guide is refused by name', async () => {
  const session = open(new FakeCore());
  const refuse = (options: object, ...words: string[]) =>
    thrown(() => session.generate([1], options), 'invalid-option', ...words);
  const { model } = expertOf(1);
  await refuse({ guidance: -1 }, 'guidance is -1', '0 to 100');
  await refuse({ guidance: '2' }, 'guidance is "2"');
  await refuse({ negativePrompt: 'a' }, 'negativePrompt needs guidance');
  await refuse({ guidance: 2, negativePrompt: [64] }, 'token 0 of negativePrompt is 64');
  await refuse({ guidance: 2, negativePrompt: 5 }, 'negativePrompt is 5', 'a string');
  await refuse({ experts: model }, 'experts is an object', 'an array');
  await refuse({ experts: [{ model: {}, weight: 1 }] }, 'experts[0].model', 'not in a worker');
  await refuse({ experts: [{ model, weight: 101 }] }, 'experts[0].weight is 101');
  await refuse({ experts: [{ model }] }, 'experts[0].weight is undefined');
  await refuse({ experts: [null] }, 'experts[0].model');
  const { model: larger } = expertOf(1, { vocabSize: 65 });
  await refuse(
    {
      experts: [
        { model, weight: 1 },
        { model: larger, weight: 1 },
      ],
    },
    'experts[1] needs the vocabulary',
    '65',
  );
  const shouting = {
    ...fakeTokenizer,
    tokenBytes: (id: number) => fakeTokenizer.tokenBytes(id).map((byte) => byte ^ 32),
  };
  const { model: other } = expertOf(1, {}, shouting as unknown as Tokenizer);
  await refuse(
    { experts: [{ model: other, weight: 1 }] },
    'experts[0] needs the vocabulary of this model: token 0',
  );
  session.dispose();
});

test.run();
