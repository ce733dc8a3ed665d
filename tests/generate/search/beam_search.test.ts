import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BiasedSequence, GenerateOptions } from '../../../src/generate/options.js';
import type { CompletionProcessor } from '../../../src/generate/processors/completion_processor.js';
import { createProcessors } from '../../../src/generate/processors/create_processors.js';
import { MinTokens } from '../../../src/generate/processors/min_tokens.js';
import { SequenceBias } from '../../../src/generate/processors/sequence_bias.js';
import { BeamSearch, type BeamSearchOptions } from '../../../src/generate/search/beam_search.js';
import { loadModel } from '../../../src/index.js';
import { FAKE_CONFIG, FakeCore, NaiveRow } from '../../support/fake_core.js';
import { fakeTokenizer } from '../../support/fake_tokenizer.js';
import { literalBeams } from '../../support/literal_beams.js';
import { randomSource } from '../../support/random.js';
import { resolveAll } from '../../support/resolve_all.js';
import { PLAIN_BEAMS, runBeams } from '../../support/run_beams.js';
import { thrown } from '../../support/thrown.js';

type Sequences = readonly (readonly [readonly number[], number])[];

/** Arguments of transformers' `generate`. */
interface Arguments {
  readonly num_beams: number;
  readonly num_return_sequences?: number;
  readonly length_penalty?: number;
  readonly early_stopping?: boolean | 'never';
  readonly eos_token_id?: readonly number[];
  readonly no_repeat_ngram_size?: number;
  readonly repetition_penalty?: number;
  readonly min_new_tokens?: number;
  readonly sequence_bias?: Sequences;
  readonly bad_words_ids?: readonly (readonly number[])[];
  readonly forced_bos_token_id?: number;
  readonly forced_eos_token_id?: number;
  readonly exponential_decay_length_penalty?: readonly [number, number];
  readonly renormalize_logits?: boolean;
}
interface Result {
  readonly prompt: readonly number[];
  readonly max_new_tokens: number;
  readonly sequences: readonly (readonly number[])[];
  readonly sequences_scores: readonly number[];
}
interface BeamCase extends Result {
  readonly name: string;
  readonly arguments: Arguments;
}
interface DiverseCase extends Result {
  readonly num_beams: number;
  readonly num_beam_groups: number;
  readonly diversity_penalty: number;
  readonly length_penalty: number;
}

const folder = new URL('../../fixtures/lm/', import.meta.url);
const { cases, diverse }: { cases: readonly BeamCase[]; diverse: readonly DiverseCase[] } = JSON.parse(
  readFileSync(new URL('search.json', folder), 'utf8'),
);
const lm = await loadModel(fileURLToPath(folder), { build: 'simd' });
test.after(() => lm.dispose());
const V = lm.config.vocabSize;

/** The logits after a prompt and generated tokens; each text is evaluated once. */
function logitsAfter(prompt: readonly number[]) {
  const known = new Map<string, Promise<Float32Array>>();
  return (tokens: readonly number[]) => {
    const key = tokens.join();
    const logits = known.get(key) ?? lm.logits([...prompt, ...tokens]).then((all) => all.slice(-V));
    known.set(key, logits);
    return logits;
  };
}

function logSumExp(values: Float32Array): number {
  return new NaiveRow(values).logSumExp();
}

/** The processors of transformers that the package does not have, by their definitions. */
function othersOf(
  { arguments: given, prompt, max_new_tokens }: BeamCase,
  endTokens: readonly number[],
): CompletionProcessor[] {
  let length = prompt.length;
  const last = prompt.length + max_new_tokens - 1;
  const force = (logits: Float32Array, token: number) => {
    logits.fill(Number.NEGATIVE_INFINITY);
    logits[token] = 0;
  };
  const [start, factor] = given.exponential_decay_length_penalty ?? [Number.POSITIVE_INFINITY, 1];
  const apply = (logits: Float32Array) => {
    if (given.forced_bos_token_id !== undefined && length === 1) force(logits, given.forced_bos_token_id);
    if (given.forced_eos_token_id !== undefined && length === last) force(logits, given.forced_eos_token_id);
    const late = length - prompt.length - start;
    if (late > 0) for (const id of endTokens) logits[id]! += Math.abs(logits[id]!) * (factor ** late - 1);
    if (given.renormalize_logits) {
      const sum = logSumExp(logits);
      for (let id = 0; id < V; id++) logits[id]! -= sum;
    }
  };
  return [{ apply, push: () => length++ }];
}

function optionsOf(golden: BeamCase): Partial<BeamSearchOptions> {
  const { prompt, max_new_tokens, arguments: given } = golden;
  const endTokens = given.eos_token_id ?? [0];
  const { repetition_penalty: repetitionPenalty, no_repeat_ngram_size: noRepeatNgram } = given;
  const resolved = resolveAll({ repetitionPenalty, noRepeatNgram }, lm.config);
  const sequences: BiasedSequence[] = [
    ...(given.sequence_bias ?? []).map(([tokens, bias]) => ({ tokens, bias })),
    ...(given.bad_words_ids ?? []).map((tokens) => ({ tokens, bias: Number.NEGATIVE_INFINITY })),
  ];
  return {
    beams: given.num_beams,
    maxTokens: max_new_tokens,
    endTokens: new Set(endTokens),
    lengthPenalty: given.length_penalty ?? 1,
    earlyStopping: given.early_stopping ?? false,
    createProcessors: () => [
      ...createProcessors(resolved, prompt, endTokens, fakeTokenizer),
      new SequenceBias(sequences, prompt),
      new MinTokens(given.min_new_tokens ?? 0, endTokens),
      ...othersOf(golden, endTokens),
    ],
  };
}

function assertFound(search: BeamSearch, { sequences, sequences_scores }: Result, about: string): void {
  const found = search.best(sequences.length);
  assert.equal(
    found.map(({ tokens }) => tokens),
    sequences,
    about,
  );
  for (const [i, { score }] of found.entries()) {
    const expected = sequences_scores[i]!;
    assert.ok(Math.abs(score - expected) <= 2e-6 * Math.abs(expected), `${about}: ${score}, ${expected}`);
  }
}

test('texts and scores of beam search are those of transformers, alone and with processors', async () => {
  for (const golden of cases) {
    const search = await runBeams(optionsOf(golden), logitsAfter(golden.prompt));
    assertFound(search, golden, `${golden.name} after ${golden.prompt}`);
  }
});

test('texts and scores of diverse groups are those of the published rule', async () => {
  for (const golden of diverse) {
    const search = await runBeams(
      {
        beams: golden.num_beams,
        groups: golden.num_beam_groups,
        diversityPenalty: golden.diversity_penalty,
        lengthPenalty: golden.length_penalty,
        maxTokens: golden.max_new_tokens,
        endTokens: new Set([0]),
      },
      logitsAfter(golden.prompt),
    );
    assertFound(search, golden, `${golden.num_beam_groups} groups after ${golden.prompt}`);
  }
});

/** A search over few tokens with random settings, among them processors and stops. */
function randomSearch(random: ReturnType<typeof randomSource>) {
  const vocabSize = 2 + random.below(9);
  const core = new FakeCore({ vocabSize });
  const config = { ...FAKE_CONFIG, vocabSize };
  const ids = (most: number) => Array.from({ length: random.below(most) }, () => random.below(vocabSize));
  const prompt = [0, ...ids(4)];
  const width = 1 + random.below(4);
  const groups = 1 + random.below(3);
  const given: GenerateOptions = {
    repetitionPenalty: random.pick([1, 1.3]),
    presencePenalty: random.pick([0, 0.5]),
    noRepeatNgram: random.pick([0, 0, 2, 3]),
    bannedTokens: ids(3),
    logitBias: { [random.below(vocabSize)]: 2 * random.uniform() - 1 },
  };
  const stop = random.uniform() < 0.5 ? [random.below(vocabSize), random.below(vocabSize)] : [];
  const options: BeamSearchOptions = {
    beams: groups * width,
    groups,
    diversityPenalty: random.pick([0, 0.5, 2]),
    lengthPenalty: random.pick([-1, 0, 0.5, 1, 2]),
    earlyStopping: random.pick([true, false, 'never']),
    maxTokens: 1 + random.below(8),
    maxTokensReason: random.pick(['length', 'context']),
    endTokens: new Set(ids(4)),
    stops: (tokens) => stop.length > 0 && tokens.slice(-2).join() === stop.join(),
    createProcessors: () => createProcessors(resolveAll(given, config), prompt, [], fakeTokenizer),
  };
  // Few different numbers, so that many candidates are equally good.
  const coarse = random.uniform() < 0.3;
  const logitsOf = (tokens: readonly number[]) =>
    Float32Array.from(core.logitsOf([...prompt, ...tokens]), (logit) =>
      coarse ? Math.round(logit / 3) : logit,
    );
  const logProbsOf = (tokens: readonly number[]) => {
    const logits = logitsOf(tokens);
    const sum = logSumExp(logits);
    return logits.map((logit) => logit - sum);
  };
  return { options, logitsOf, logProbsOf };
}

test('random searches find what the definition finds, with ties, stops, processors and groups', async () => {
  const random = randomSource(4711);
  const reasons = new Map<string, number>();
  for (let round = 0; round < 1500; round++) {
    const { options, logitsOf, logProbsOf } = randomSearch(random);
    const expected = literalBeams(options, logProbsOf);
    if (expected.length === 0) {
      await thrown(() => runBeams(options, logitsOf), 'invalid-option', 'no token is left');
      reasons.set('none', (reasons.get('none') ?? 0) + 1);
      continue;
    }
    const search = await runBeams(options, logitsOf);
    assert.equal(search.best(options.beams), expected, `round ${round}`);
    for (const { finishReason } of expected) reasons.set(finishReason, (reasons.get(finishReason) ?? 0) + 1);
  }
  for (const reason of ['eos', 'stop', 'length', 'context', 'none']) {
    assert.ok(reasons.get(reason)! > 20, `${reason}: ${reasons.get(reason)}`);
  }
});

test('with as many beams as there are texts, the best text of all is found', async () => {
  const random = randomSource(12);
  for (let round = 0; round < 30; round++) {
    const core = new FakeCore({ vocabSize: 3 + random.below(2) });
    const maxTokens = 4;
    const logitsOf = (tokens: readonly number[]) => core.logitsOf([round, ...tokens]);
    const texts: { tokens: number[]; score: number }[] = [];
    const visit = (tokens: number[], score: number) => {
      if (tokens.length === maxTokens || tokens.at(-1) === 0) {
        texts.push({ tokens, score });
        return;
      }
      const logits = Float32Array.from(logitsOf(tokens));
      const sum = logSumExp(logits);
      for (const [token, logit] of logits.entries()) {
        visit([...tokens, token], score + Math.fround(logit - sum));
      }
    };
    visit([], 0);
    texts.sort((a, b) => b.score - a.score);
    const options = { beams: texts.length, endTokens: new Set([0]), maxTokens, lengthPenalty: 0 };
    const search = await runBeams({ ...options, earlyStopping: 'never' }, logitsOf);
    assert.equal(
      search.best(texts.length).map(({ tokens, score }) => ({ tokens, score })),
      texts,
    );
  }
});

test('one beam takes the most likely token each time', async () => {
  const core = new FakeCore();
  const logitsOf = (tokens: readonly number[]) => core.logitsOf([7, ...tokens]);
  const search = await runBeams({ maxTokens: 12 }, logitsOf);
  const greedy: number[] = [];
  while (greedy.length < 12) greedy.push(new NaiveRow(logitsOf(greedy)).argmax());
  assert.equal(search.best(1)[0]!.tokens, greedy);
});

test('a search that is ended early returns its live texts beside the finished ones', () => {
  const search = new BeamSearch({ ...PLAIN_BEAMS, beams: 2, maxTokens: 9, endTokens: new Set([0]) });
  search.read(new NaiveRow([2, 3, 1]));
  const [best] = search.live;
  assert.equal(best!.tokens, [1]);
  search.end('aborted');
  assert.equal(search.live, []);
  const found = search.best(3);
  assert.equal(
    found.map(({ tokens, finishReason }) => [tokens, finishReason]),
    [
      [[1], 'aborted'],
      [[0], 'eos'],
    ],
  );
});

test('ended before the first token, a search returns the empty text', () => {
  const search = new BeamSearch({ ...PLAIN_BEAMS, beams: 2 });
  search.end('aborted');
  assert.equal(search.best(2), [{ tokens: [], score: 0, finishReason: 'aborted' }]);
});

test('the row that a search reads stays as it is', () => {
  const search = new BeamSearch({
    ...PLAIN_BEAMS,
    createProcessors: () => [{ apply: (logits) => void logits.fill(0) }],
  });
  const row = new NaiveRow([2, 3, 1]);
  search.read(row);
  assert.equal(row.values, new Float32Array([2, 3, 1]));
});

test.run();
