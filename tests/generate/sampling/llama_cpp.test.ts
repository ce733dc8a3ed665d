import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RandomStream } from '../../../src/base/random.js';
import type { CompletionProcessor } from '../../../src/generate/processors/completion_processor.js';
import { CountPenalties } from '../../../src/generate/processors/count_penalties.js';
import { Dry } from '../../../src/generate/processors/dry.js';
import { RepetitionPenalty } from '../../../src/generate/processors/repetition_penalty.js';
import { SequenceBreakers } from '../../../src/generate/processors/sequence_breakers.js';
import { DynamicTemperature } from '../../../src/generate/sampling/samplers/dynamic_temperature.js';
import { MinP } from '../../../src/generate/sampling/samplers/min_p.js';
import type { Sampler } from '../../../src/generate/sampling/samplers/sampler.js';
import { Temperature } from '../../../src/generate/sampling/samplers/temperature.js';
import { TopK } from '../../../src/generate/sampling/samplers/top_k.js';
import { TopNSigma } from '../../../src/generate/sampling/samplers/top_n_sigma.js';
import { TopP } from '../../../src/generate/sampling/samplers/top_p.js';
import { Typical } from '../../../src/generate/sampling/samplers/typical.js';
import { Xtc } from '../../../src/generate/sampling/samplers/xtc.js';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.js';
import { NaiveRow } from '../../support/fake_core.js';

// The cases that llama.cpp publishes for its samplers (tests/test-sampling.cpp): distributions before and after.

/** The distribution that a change of logits leaves of `probabilities`. */
function left(probabilities: readonly number[], change: (row: NaiveRow) => void): number[] {
  const row = new NaiveRow(probabilities.map(Math.log));
  change(row);
  return Array.from(row.softmax(1));
}

function assertNear(found: readonly number[], right: readonly number[], about: string): void {
  assert.is(found.length, right.length);
  const isNear = found.every((probability, id) => Math.abs(probability - right[id]!) < 1e-5);
  if (!isNear) assert.unreachable(`${about}: ${found}, not ${right}`);
}

/** Checks what samplers leave of a distribution. */
function samplers(
  before: readonly number[],
  cases: readonly (readonly [Sampler, readonly number[]])[],
): void {
  for (const [sampler, after] of cases) {
    const found = left(before, (row) => sampler.apply(row));
    assertNear(found, after, `${sampler.constructor.name} of ${before}`);
  }
}

const RISING = [0.1, 0.2, 0.3, 0.4];
const FALLING = [0.4, 0.3, 0.2, 0.1];
const FLAT = new Array<number>(5).fill(0.2);

test('temperature, and dynamic temperature without a range', () => {
  samplers(RISING, [
    [new Temperature(1), RISING],
    [new Temperature(0), [0, 0, 0, 1]],
    [new DynamicTemperature(1, 0, 1), RISING],
    [new DynamicTemperature(0, 0, 1), [0, 0, 0, 1]],
  ]);
});

test('top-k, top-p and min-p', () => {
  const [two, three] = [
    [0, 0, 0.3 / 0.7, 0.4 / 0.7],
    [0, 0.2 / 0.9, 0.3 / 0.9, 0.4 / 0.9],
  ];
  samplers(RISING, [
    [new TopK(1), [0, 0, 0, 1]],
    [new TopK(3), three],
    [new TopK(4), RISING],
    [new TopP(0), [0, 0, 0, 1]],
    [new TopP(0.7), two],
    [new TopP(0.8), three],
    [new MinP(0), RISING],
    [new MinP(0.24), RISING],
    [new MinP(0.26), three],
    [new MinP(0.49), three],
    [new MinP(0.51), two],
    [new MinP(0.74), two],
    [new MinP(0.76), [0, 0, 0, 1]],
    [new MinP(1), [0, 0, 0, 1]],
    [new MinP(1.05), [0, 0, 0, 1]],
  ]);
});

test('typical and top-n-sigma', () => {
  samplers([0.97, 0.01, 0.01, 0.01], [[new Typical(0.5), [1, 0, 0, 0]]]);
  samplers([0.4, 0.2, 0.2, 0.2], [[new Typical(0.5), [0, 1 / 3, 1 / 3, 1 / 3]]]);
  samplers(RISING, [
    [new TopNSigma(1), [0, 0, 0.428571, 0.571429]],
    [new TopNSigma(3), RISING],
  ]);
});

test('XTC removes all but the last of the tokens that reach the threshold, if it is its turn', () => {
  const xtc = (threshold: number, drawn = 0.5) =>
    new Xtc(0.99, threshold, { next: () => drawn } as unknown as RandomStream);
  samplers(FALLING, [
    [xtc(0.09), [0, 0, 0, 1]],
    [xtc(0.19), [0, 0, 2 / 3, 1 / 3]],
    [xtc(0.29), [0, 0.5, 1 / 3, 1 / 6]],
    [xtc(0.39), FALLING],
    [xtc(0.09, 0.995), FALLING],
  ]);
});

/** Checks what processors leave of a distribution after tokens. */
function penalties(
  before: readonly number[],
  tokens: readonly number[],
  processors: readonly CompletionProcessor[],
  after: readonly number[],
): void {
  const found = left(before, (row) => {
    for (const processor of processors) {
      for (const token of tokens) processor.push!(token);
      processor.apply(row.values, row);
    }
  });
  assertNear(found, after, `after ${tokens}`);
}

test('penalties of repetition, frequency and presence', () => {
  const repetition = (tokens: readonly number[], after: readonly number[]) =>
    penalties(FLAT, tokens, [new RepetitionPenalty(50, [])], after);
  repetition([0], [0, 0.25, 0.25, 0.25, 0.25]);
  repetition([0, 1, 2], [0, 0, 0, 0.5, 0.5]);
  repetition([0, 1, 2, 0, 0], [0, 0, 0, 0.5, 0.5]);
  const counts = (tokens: readonly number[], after: readonly number[]) =>
    penalties(FLAT, tokens, [new CountPenalties(5, 5)], after);
  counts([0], [0.000011, 0.249997, 0.249997, 0.249997, 0.249997]);
  counts([0, 1, 2], [0.000023, 0.000023, 0.000023, 0.499966, 0.499966]);
  counts([0, 1, 2, 0, 0], [0, 0.000023, 0.000023, 0.499977, 0.499977]);
});

/** Token i is the letter i of the alphabet. */
const LETTERS = {
  vocabSize: 26,
  tokenBytes: (id: number) => Uint8Array.of(97 + id),
} as unknown as Tokenizer;

test('DRY', () => {
  const dry = (
    before: readonly number[],
    tokens: readonly number[],
    [multiplier, base, allowedLength, lastN]: readonly [number, number, number, number],
    breakers: readonly string[],
    after: readonly number[],
  ) => {
    const options = { multiplier, base, allowedLength, lastN };
    penalties(before, tokens, [new Dry(options, new SequenceBreakers(breakers, LETTERS), [])], after);
  };
  const quarters = new Array<number>(4).fill(0.25);
  dry(quarters, [0, 1], [1, 1.1, 2, 4], [], quarters);
  dry(quarters, [0, 1, 2, 0, 1], [1, 1.1, 2, 5], [], [0.296923, 0.296923, 0.109232, 0.296923]);
  dry(FLAT, [0, 1, 3, 4, 0, 1], [1, 1.1, 2, 6], ['d'], FLAT);
  dry(FLAT, [0, 1, 2, 0, 1], [2, 1.1, 2, 5], [], [0.241818, 0.241818, 0.032727, 0.241818, 0.241818]);
  dry(FLAT, [0, 1, 2, 3, 4, 0, 1], [1, 1.1, 4, 7], [], FLAT);
});

/** Lowest id that is kept, by the definitions, if token i of `V` has a probability proportional to i. */
function lowestKept(V: number, queue: string, topK: number, topP: number, minP: number): number {
  let lowest = 1;
  for (const sampler of queue) {
    if (sampler === 'k') lowest = Math.max(lowest, V - topK);
    if (sampler === 'm') lowest = Math.max(lowest, Math.ceil(minP * (V - 1)));
    if (sampler !== 'p' || topP === 1) continue;
    let all = 0;
    for (let id = lowest; id < V; id++) all += id;
    lowest = V;
    for (let sum = 0; lowest === V || sum < topP * all; ) sum += --lowest;
  }
  return lowest;
}

test('top-k, top-p and min-p in any order, in a large vocabulary', () => {
  const V = 10_000;
  const last = 9997.9 / 9999;
  const queues: readonly (readonly [string, number, number, number])[] = [
    ['k', V, 1, 1],
    ['k', 1, 1, 1],
    ['p', V, 0, 1],
    ['m', V, 1, 1],
    ['m', V, 1, 1e-12],
    ['k', 100, 1, 1],
    ['p', V, 0.0003, 1],
    ['p', V, 0.8, 1],
    ['m', V, 1, last],
    ['m', V, 1, 0.1],
    ['mp', 100, 0.8, last],
    ...['kp', 'km', 'pk', 'pm', 'mk', 'mp', 'kpm', 'kmp', 'pkm', 'pmk', 'mkp', 'mpk'].map(
      (queue) => [queue, 100, 0.8, 0.1] as const,
    ),
  ];
  for (const [queue, topK, topP, minP] of queues) {
    const row = new NaiveRow(Array.from({ length: V }, (_, id) => Math.log(id)));
    const made: Readonly<Record<string, Sampler>> = {
      k: new TopK(topK),
      p: new TopP(topP),
      m: new MinP(minP),
    };
    for (const name of queue) made[name]!.apply(row);
    const kept = [...row.values.keys()].filter((id) => row.values[id]! > Number.NEGATIVE_INFINITY);
    const lowest = lowestKept(V, queue, topK, topP, minP);
    const right = Array.from({ length: V - lowest }, (_, index) => lowest + index);
    assert.equal(kept, right, `${queue} with ${topK}, ${topP}, ${minP}`);
  }
});

test.run();
