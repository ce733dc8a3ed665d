import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { GenerateOptions } from '../../../src/generate/options.js';
import { changesLogits } from '../../../src/generate/processors/changes_logits.js';
import type { CompletionProcessor } from '../../../src/generate/processors/completion_processor.js';
import { createProcessors } from '../../../src/generate/processors/create_processors.js';
import { NoRepeatNgram } from '../../../src/generate/processors/no_repeat_ngram.js';
import { Renormalization } from '../../../src/generate/processors/renormalization.js';
import { hasRareOptions, resolveOptions } from '../../../src/generate/resolve_options.js';
import type { ResolvedOptions } from '../../../src/generate/resolved_options.js';
import { PlainSums } from '../../../src/generate/search/plain_sums.js';
import { FAKE_CONFIG, NaiveRow } from '../../support/fake_core.js';
import { fakeTokenizer } from '../../support/fake_tokenizer.js';
import { randomSource } from '../../support/random.js';
import { resolveAll } from '../../support/resolve_all.js';
import { assertGrowth, leastWork } from '../../support/work.js';

const V = FAKE_CONFIG.vocabSize;
const create = (options: ResolvedOptions, prompt: readonly number[], eosTokenIds: readonly number[]) =>
  createProcessors(options, prompt, eosTokenIds, fakeTokenizer);

function apply(processors: readonly CompletionProcessor[], logits: Float32Array): void {
  for (const processor of processors) processor.apply(logits, new NaiveRow(logits));
}

function push(processors: readonly CompletionProcessor[], token: number): void {
  for (const processor of processors) processor.push?.(token);
}

/**
 * The logits of the token after `prompt` and `generated`, once all processors of the options were applied.
 */
function processed(
  options: GenerateOptions,
  prompt: number[],
  generated: number[],
  logits: number[],
): number[] {
  const processors = create(resolveAll(options, FAKE_CONFIG), prompt, FAKE_CONFIG.eosTokenIds);
  for (const token of generated) push(processors, token);
  const values = Float32Array.from(logits);
  apply(processors, values);
  return Array.from(values);
}

function close(actual: number[], expected: number[], message: string): void {
  actual.forEach((value, id) => {
    const right = expected[id]!;
    assert.ok(
      value === right || Math.abs(value - right) < 1e-4,
      `${message}: token ${id} is ${value}, not ${right}`,
    );
  });
}

/**
 * Tokens that would complete an n-gram of the text, found by comparing each place in the text with its end.
 */
function repeats(text: number[], n: number): Set<number> {
  const banned = new Set<number>();
  const end = text.slice(text.length - (n - 1)).join();
  if (text.length < n - 1) return banned;
  for (let at = 0; at + n <= text.length; at++) {
    if (n === 1 || text.slice(at, at + n - 1).join() === end) banned.add(text[at + n - 1]!);
  }
  return banned;
}

test('random options give what the formulas say, in the order bias, penalties, n-gram, bans', () => {
  const random = randomSource(3);
  let ngramBans = 0;
  for (let round = 0; round < 1000; round++) {
    const tokens = (most: number) => Array.from({ length: random.below(most) }, () => random.below(6));
    const prompt = tokens(12);
    const generated = tokens(12);
    const logits = Array.from({ length: V }, () => 8 * random.uniform() - 4);
    const repetitionPenalty = random.pick([1, 1.3, 0.7]);
    const frequencyPenalty = random.pick([0, 0.5, -1.5]);
    const presencePenalty = random.pick([0, 0.25, -2]);
    const noRepeatNgram = random.below(5);
    const logitBias = { [random.below(6)]: 20 * random.uniform() - 10, [random.below(V)]: 3 };
    const bannedTokens = tokens(3);

    const expected = logits.map((logit, id) => {
      let value = logit + (logitBias[id] ?? 0);
      const count = generated.filter((token) => token === id).length;
      if (count > 0 || prompt.includes(id))
        value = value < 0 ? value * repetitionPenalty : value / repetitionPenalty;
      value -= count * frequencyPenalty + (count > 0 ? presencePenalty : 0);
      return value;
    });
    if (noRepeatNgram > 0) {
      const banned = repeats([...prompt, ...generated], noRepeatNgram);
      ngramBans += banned.size;
      for (const id of banned) expected[id] = Number.NEGATIVE_INFINITY;
    }
    for (const id of bannedTokens) expected[id] = Number.NEGATIVE_INFINITY;
    const options = {
      repetitionPenalty,
      frequencyPenalty,
      presencePenalty,
      noRepeatNgram,
      logitBias,
      bannedTokens,
    };
    close(
      processed(options, prompt, generated, logits),
      expected,
      JSON.stringify({ options, prompt, generated }),
    );
  }
  assert.ok(ngramBans > 300, `${ngramBans} bans by n-gram`);
});

/** Each option that creates a processor, set to the value next to its default. */
const SINGLE_OPTIONS: GenerateOptions[] = [
  { logitBias: { 3: 0 } },
  { sequenceBias: [{ tokens: [1], bias: 0 }] },
  { minTokens: 1 },
  { repetitionPenalty: 1.01 },
  { frequencyPenalty: -0.1 },
  { presencePenalty: 0.1 },
  { noRepeatNgram: 1 },
  { bannedTokens: [0] },
  { encoderRepetitionPenalty: 0.99 },
  { encoderNoRepeatNgram: 1 },
  { dryMultiplier: 0.1 },
  { forcedBos: 0 },
  { forcedEos: 0 },
  { exponentialDecay: { start: 0, factor: 1 } },
  { beginBannedTokens: [0] },
  { processors: [{ apply: () => {} }] },
];

test('each option creates its processor', () => {
  for (const options of SINGLE_OPTIONS) {
    const resolved = resolveAll(options, FAKE_CONFIG);
    assert.is(create(resolved, [0], [0]).length, 1, JSON.stringify(options));
    // Rare options always load what creates processors.
    assert.ok(changesLogits(resolved) || hasRareOptions(options), JSON.stringify(options));
  }
});

test('each processor alone, by hand', () => {
  const logits = [2, -2, 4, ...new Array<number>(V - 3).fill(1)];
  const rest = logits.slice(3);
  close(processed({ repetitionPenalty: 2 }, [0, 0], [1], logits), [1, -4, 4, ...rest], 'repetition penalty');
  close(processed({ frequencyPenalty: 0.5 }, [0], [1, 1], logits), [2, -3, 4, ...rest], 'frequency penalty');
  close(processed({ presencePenalty: 0.5 }, [0], [1, 1], logits), [2, -2.5, 4, ...rest], 'presence penalty');
  close(processed({ logitBias: new Map([[2, -3]]) }, [], [], logits), [2, -2, 1, ...rest], 'bias');
  const never = Number.NEGATIVE_INFINITY;
  const sequenceBias = [
    { tokens: [4, 0], bias: 3 },
    { tokens: [0], bias: -0.5 },
    { tokens: [5, 4, 1], bias: never },
    { tokens: [6, 4, 2], bias: 1 },
  ];
  close(processed({ sequenceBias }, [9, 5], [4], logits), [4.5, never, 4, ...rest], 'bias of sequences');
  close(processed({ minTokens: 2 }, [0], [1], logits), [never, -2, 4, ...rest], 'one token is missing');
  close(processed({ minTokens: 2 }, [0], [1, 1], logits), logits, 'enough tokens');
  close(processed({ minTokens: 2, ignoreEos: true }, [], [], logits), logits, 'nothing ends the text');
  close(processed({ bannedTokens: [0] }, [], [], logits), [never, -2, 4, ...rest], 'bans');
  close(processed({ noRepeatNgram: 1 }, [0], [2], logits), [never, -2, never, ...rest], '1-grams');
  close(processed({ noRepeatNgram: 3 }, [5, 6, 1, 5], [6], logits), [2, never, 4, ...rest], '3-grams');
});

test('forced tokens, the bans of the first token and the decay of the length, by hand', () => {
  const never = Number.NEGATIVE_INFINITY;
  const logits = [2, -2, 4, ...new Array<number>(V - 3).fill(1)];
  const rest = logits.slice(3);
  const only = (...ids: number[]) => logits.map((_, id) => (ids.includes(id) ? 0 : never));
  close(processed({ forcedBos: 2 }, [5], [], logits), only(2), 'the token after a single one');
  close(processed({ forcedBos: 2 }, [5], [2], logits), logits, 'once');
  close(processed({ forcedBos: 2 }, [5, 6], [], logits), logits, 'not after a longer prompt');
  const last = { forcedEos: [0, 1], maxTokens: 3, bannedTokens: [0] };
  close(processed(last, [5], [1, 1], logits), only(0, 1), 'the last token, also a banned one');
  close(processed({ forcedEos: 1, maxTokens: 3 }, [5], [1], logits), logits, 'not before');
  const begin = { beginBannedTokens: [2] };
  close(processed(begin, [5], [], logits), [2, -2, never, ...rest], 'the first token');
  close(processed(begin, [5], [1], logits), logits, 'not the second');
  close(processed({ ...begin, forcedBos: 2 }, [5], [], logits), only(2), 'a forced first token');
  close(processed({ ...begin, forcedBos: 2 }, [5], [2], logits), [2, -2, never, ...rest], 'the one after it');
  const exponentialDecay = { start: 1, factor: 2 };
  close(processed({ exponentialDecay }, [5], [1], logits), logits, 'no decay yet');
  close(processed({ exponentialDecay }, [5], [1, 1, 1], logits), [8, -2, 4, ...rest], '2 + 2 * (2 ** 2 - 1)');
  close(processed({ exponentialDecay, ignoreEos: true }, [5], [1, 1, 1], logits), logits, 'nothing ends');
  close(
    processed({ exponentialDecay, minTokens: 9 }, [5], [1, 1, 1], logits),
    [never, -2, 4, ...rest],
    'an end that is banned',
  );
  const long = processed({ exponentialDecay: { start: 0, factor: 100 } }, [5], Array(900).fill(1), logits);
  assert.ok(long[0]! > 1e6 && long[0]! < 1e9, 'no overflow');
});

test('renormalization leaves log-probabilities, and a row without any token as it is', () => {
  const row = new NaiveRow([1, 2, Number.NEGATIVE_INFINITY, 5]);
  new Renormalization().apply(row.values, row);
  assert.ok(Math.abs(row.logSumExp()) < 1e-6);
  assert.ok(Math.abs(row.values[3]! - row.values[0]! - 4) < 1e-6);
  const never = new Float32Array(3).fill(Number.NEGATIVE_INFINITY);
  const banned = never.slice();
  new Renormalization().apply(banned, new PlainSums(banned));
  assert.equal(banned, never);
});

test('long n-grams in long texts: what repeats is banned, and the work grows with the text alone', () => {
  const random = randomSource(5);
  for (let round = 0; round < 40; round++) {
    const n = 1 + random.below(40);
    const parts = [1, 2, 3].map(() => Array.from({ length: 1 + random.below(30) }, () => random.below(3)));
    const text = Array.from({ length: 12 }, () => random.pick(parts)).flat();
    const processor = new NoRepeatNgram(n, text.slice(0, 9));
    text.forEach((token, i) => {
      if (i < 9) return;
      processor.push(token);
      const logits = new Float32Array(V);
      processor.apply(logits);
      const banned = [...logits.keys()].filter((id) => logits[id] === Number.NEGATIVE_INFINITY);
      assert.equal(
        banned,
        [...repeats(text.slice(0, i + 1), n)].sort((a, b) => a - b),
        `n ${n}, token ${i}`,
      );
    });
  }
  const work = (n: number, count: number) =>
    leastWork(() => {
      const processor = new NoRepeatNgram(n, []);
      const logits = new Float32Array(V);
      // The text repeats every 5 tokens, but for a different token now and then.
      for (let i = 0; i < count; i++) {
        processor.push(i % 7001 === 0 ? 6 : i % 5);
        processor.apply(logits);
      }
    });
  const short = work(2, 200_000);
  for (const n of [3, 1000, 100_000, 1e6]) {
    const long = work(n, 200_000);
    assert.ok(long < 20 * short + 200, `n ${n}: ${long} ms, n 2: ${short} ms`);
  }
});

test('the defaults change nothing, and cost nothing', () => {
  assert.equal(create(resolveAll({}, FAKE_CONFIG), [1, 2, 3], [0]), []);
  assert.not.ok(changesLogits(resolveOptions({}, FAKE_CONFIG)));
  const logits = Array.from({ length: V }, (_, id) => id / 7);
  assert.equal(processed({}, [1, 2, 3], [1, 2], logits), Array.from(Float32Array.from(logits)));
});

test('the cost of a no-repeat n-gram step does not grow with the text', async () => {
  const random = randomSource(4);
  const time = (length: number) =>
    leastWork(() => {
      const processor = new NoRepeatNgram(4, []);
      const values = new Float32Array(V);
      for (let i = 0; i < length; i++) {
        processor.apply(values);
        processor.push(random.below(V));
      }
    });
  time(5_000);
  // The ratio is about 20, because larger memory is slower; it would be 256 if each step searched the text.
  await assertGrowth(
    () => time(80_000),
    () => time(5_000),
    100,
    '16 times the text',
  );
});

test.run();
