import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Token } from '../../../src/generate/completion.js';
import type { GenerateOptions } from '../../../src/generate/options.js';
import { createProcessors } from '../../../src/generate/processors/create_processors.js';
import { ContrastiveSearch, candidatesOf } from '../../../src/generate/search/contrastive_search.js';
import { Session } from '../../../src/generate/session.js';
import { loadModel } from '../../../src/index.js';
import { FakeCore, NaiveRow } from '../../support/fake_core.js';
import { fakeTokenizer } from '../../support/fake_tokenizer.js';
import { freshSeed } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { resolveAll } from '../../support/resolve_all.js';
import { thrown } from '../../support/thrown.js';
import { unsaved } from '../../support/unsaved.js';

interface Golden {
  readonly prompt: readonly number[];
  readonly penalty_alpha: number;
  readonly top_k: number;
  readonly max_new_tokens: number;
  readonly sequences: readonly (readonly number[])[];
}

const folder = new URL('../../fixtures/lm/', import.meta.url);
const { contrastive }: { contrastive: readonly Golden[] } = JSON.parse(
  readFileSync(new URL('search.json', folder), 'utf8'),
);

test('generate finds the texts of the published rule, all at once and in a session that has the prompt', async () => {
  const model = await loadModel(fileURLToPath(folder), { build: 'simd' });
  try {
    await Promise.all(
      contrastive.map(async ({ prompt, penalty_alpha, top_k, max_new_tokens, sequences }) => {
        const options = { penaltyAlpha: penalty_alpha, topK: top_k, maxTokens: max_new_tokens };
        const session = model.session();
        for (const from of [model, session, session]) {
          const { tokens, usage } = await from.generate(prompt, options);
          assert.equal(tokens, sequences[0], `${penalty_alpha}, ${top_k} after ${prompt}`);
          assert.is(usage.cachedPromptTokens, 0);
        }
      }),
    );
  } finally {
    model.dispose();
  }
});

const open = (core: FakeCore) => new Session(core, fakeTokenizer, unsaved);

/** The tokens of a contrastive search whose every text is evaluated anew. */
function literalTokens(core: FakeCore, prompt: readonly number[], options: GenerateOptions): number[] {
  const { contextLength, eosTokenIds } = core.config;
  const resolved = resolveAll(options, core.config);
  const search = new ContrastiveSearch(resolved.penaltyAlpha);
  const hiddenOf = (tokens: readonly number[]) => Float32Array.from(core.hiddenOf(tokens));
  prompt.forEach((_, at) => {
    search.remember(at, hiddenOf(prompt.slice(0, at + 1)));
  });
  const processors = createProcessors(resolved, prompt, eosTokenIds, fakeTokenizer);
  const text = prompt.slice();
  for (;;) {
    const row = new NaiveRow(core.logitsOf(text));
    row.values.fill(-Infinity, fakeTokenizer.vocabSize);
    for (const processor of processors) processor.apply(row.values, row);
    const candidates = candidatesOf(row, resolved.topK);
    const isFull = text.length === contextLength;
    const hidden = candidates.map(({ token }) => hiddenOf([...text, token]));
    const { token } = candidates[isFull ? 0 : search.choose(candidates, hidden)]!;
    text.push(token);
    for (const processor of processors) processor.push?.(token);
    const isOver = text.length === prompt.length + resolved.maxTokens;
    if (isFull || isOver || (eosTokenIds.includes(token) && !resolved.ignoreEos))
      return text.slice(prompt.length);
  }
}

/**
 * Lengths of prompts and options whose text ends for a reason, whatever is drawn otherwise. A small penalty
 * leaves a token with a large bias the best; one of 1 takes another one than the likeliest seven times in eight.
 */
const FORCED: readonly {
  readonly reason?: 'eos' | 'length' | 'context';
  readonly promptLength?: number;
  readonly options?: GenerateOptions;
}[] = [
  {},
  { reason: 'eos', options: { ignoreEos: false, logitBias: { 0: 40 }, penaltyAlpha: 0.1 } },
  {
    ...{ reason: 'length', promptLength: 10 },
    options: { ignoreEos: true, maxTokens: 20, penaltyAlpha: 1, topK: 8, logprobs: 2 },
  },
  { reason: 'context', promptLength: 20, options: { ignoreEos: true, maxTokens: 14 } },
];

const seed = freshSeed('random searches');

test(`random searches find what a loop without cache finds, token by token (seed ${seed})`, async () => {
  const random = randomSource(seed);
  let unlikely = 0;
  for (let round = 0; round < 120; round++) {
    const forced = FORCED[round % FORCED.length]!;
    // With few pages, sequences lose theirs and are evaluated again.
    const core = new FakeCore({}, random.pick([3, 6, 1000]));
    const length = forced.promptLength ?? 1 + random.below(25);
    const prompt = Array.from({ length }, () => 1 + random.below(47));
    const options: GenerateOptions = {
      penaltyAlpha: random.pick([0.1, 0.5, 0.9, 1]),
      topK: 2 + random.below(7),
      maxTokens: 1 + random.below(20),
      repetitionPenalty: random.pick([1, 1.2]),
      noRepeatNgram: random.pick([0, 2]),
      ignoreEos: random.pick([true, false]),
      logprobs: random.pick([undefined, 2]),
      logitBias: random.pick([{}, { 0: 4 }]),
      ...forced.options,
    };
    const about = `seed ${seed}, round ${round}: ${JSON.stringify({ prompt, options })}`;
    const expected = literalTokens(core, prompt, options);
    const session = open(core);
    const stream = session.stream(prompt, options);
    const streamed: Token[] = [];
    for await (const token of stream) {
      streamed.push(token);
      if (token.logprob !== undefined && token.logprob < token.top![0]!.logprob) unlikely++;
    }
    const { tokens, text, finishReason, logprobs, seed: drawn } = await stream.completion;
    assert.equal(tokens, expected, about);
    assert.equal(
      streamed.map(({ id }) => id),
      expected,
    );
    assert.is(streamed.map((token) => token.text).join(''), text);
    assert.is(drawn, 0);
    assert.is(logprobs?.length, options.logprobs && tokens.length);
    for (const [at, { logprob }] of (logprobs ?? []).entries()) {
      const row = new NaiveRow(core.logitsOf([...prompt, ...tokens.slice(0, at)]));
      assert.ok(Math.abs(logprob - (row.values[tokens[at]!]! - row.logSumExp())) < 1e-5);
    }
    if (forced.reason !== undefined) assert.is(finishReason, forced.reason, about);
    assert.equal(session.tokens, [...prompt, ...tokens.slice(0, -1)]);
    session.dispose();
    assert.is(core.pool.counts.used, 0);
  }
  // Of 600 tokens with a penalty of 1 some 525 are not the likeliest.
  assert.ok(unlikely > 300, `${unlikely} tokens were not the likeliest`);
});

test('the candidates of a token are evaluated in one batch', async () => {
  const core = new FakeCore();
  await open(core).generate([5, 6, 7], { penaltyAlpha: 0.5, topK: 6, maxTokens: 4, ignoreEos: true });
  assert.equal(core.batches, [1, 1, 6, 6, 6, 6]);
});

test('a signal, a reader that leaves, dispose and an error end the search, and no page stays', async () => {
  const options: GenerateOptions = { penaltyAlpha: 0.5, topK: 4, ignoreEos: true, maxTokens: 20 };
  const begin = (act: (session: Session, controller: AbortController) => void) => {
    const core = new FakeCore();
    const session = open(core);
    const controller = new AbortController();
    core.onForward = () => {
      if (core.batches.length === 6) act(session, controller);
    };
    return { core, session, stream: session.stream('the end', { ...options, signal: controller.signal }) };
  };
  const assertFree = (core: FakeCore, session: Session) => {
    session.dispose();
    assert.is(core.pool.counts.used, 0);
  };

  const aborted = begin((_, controller) => controller.abort());
  const { tokens, finishReason } = await aborted.stream.completion;
  assert.equal([tokens.length, finishReason], [3, 'aborted']);
  assertFree(aborted.core, aborted.session);

  const left = begin(() => {});
  for await (const _ of left.stream) break;
  assert.is((await left.stream.completion).tokens.length, 1);
  assertFree(left.core, left.session);

  const disposed = begin((session) => session.dispose());
  await thrown(() => disposed.stream.completion, 'disposed');
  assertFree(disposed.core, disposed.session);

  const failed = begin(() => {
    throw new Error('a thread died');
  });
  try {
    await failed.stream.completion;
    assert.unreachable();
  } catch (error) {
    assert.match(String(error), 'a thread died');
  }
  assertFree(failed.core, failed.session);
});

test('a full context: error says so, after the tokens that fit', async () => {
  const core = new FakeCore();
  const { contextLength } = core.config;
  for (const length of [contextLength - 2, contextLength]) {
    const prompt = Array.from({ length }, (_, i) => 1 + (i % 40));
    const options = { penaltyAlpha: 0.5, topK: 4, ignoreEos: true, contextFull: 'error' } as const;
    const stream = open(core).stream(prompt, options);
    const tokens: Token[] = [];
    const read = async () => {
      for await (const token of stream) tokens.push(token);
    };
    await thrown(read, 'context-full', `${contextLength + 1 - length} generated`, 'to "stop",');
    assert.is(tokens.length, contextLength + 1 - length);
  }
});

test('if all tokens are banned, the options are refused', async () => {
  const bannedTokens = Array.from({ length: fakeTokenizer.vocabSize }, (_, id) => id);
  const options = { penaltyAlpha: 0.5, topK: 4, bannedTokens };
  await thrown(() => open(new FakeCore()).generate('a', options), 'invalid-option', 'ban');
});

test.run();
