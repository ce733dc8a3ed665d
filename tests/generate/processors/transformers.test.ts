import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BannedTokens } from '../../../src/generate/processors/banned_tokens.js';
import { BeginBans } from '../../../src/generate/processors/begin_bans.js';
import type { CompletionProcessor } from '../../../src/generate/processors/completion_processor.js';
import { CountPenalties } from '../../../src/generate/processors/count_penalties.js';
import { ForcedTokens } from '../../../src/generate/processors/forced_tokens.js';
import { LengthDecay } from '../../../src/generate/processors/length_decay.js';
import { MinTokens } from '../../../src/generate/processors/min_tokens.js';
import { NoRepeatNgram } from '../../../src/generate/processors/no_repeat_ngram.js';
import { PromptNgrams } from '../../../src/generate/processors/prompt_ngrams.js';
import { PromptRepetition } from '../../../src/generate/processors/prompt_repetition.js';
import { Renormalization } from '../../../src/generate/processors/renormalization.js';
import { RepetitionPenalty } from '../../../src/generate/processors/repetition_penalty.js';
import { SequenceBias } from '../../../src/generate/processors/sequence_bias.js';
import { Epsilon } from '../../../src/generate/sampling/samplers/epsilon.js';
import { Eta } from '../../../src/generate/sampling/samplers/eta.js';
import { MinP } from '../../../src/generate/sampling/samplers/min_p.js';
import type { Sampler } from '../../../src/generate/sampling/samplers/sampler.js';
import { Temperature } from '../../../src/generate/sampling/samplers/temperature.js';
import { TopH } from '../../../src/generate/sampling/samplers/top_h.js';
import { TopK } from '../../../src/generate/sampling/samplers/top_k.js';
import { TopP } from '../../../src/generate/sampling/samplers/top_p.js';
import { Typical } from '../../../src/generate/sampling/samplers/typical.js';
import { NaiveRow } from '../../support/fake_core.js';

interface Scores {
  readonly f32_base64: string;
}
/** Arguments of transformers' processors, all of them numbers or lists of numbers. */
// biome-ignore lint/suspicious/noExplicitAny: each processor knows its own arguments
type Arguments = Readonly<Record<string, any>>;
interface Case {
  readonly name: string;
  readonly arguments: Arguments;
  readonly input_ids?: readonly (readonly number[])[];
  readonly scores: Scores;
}

const golden: {
  readonly vocab_size: number;
  readonly input_ids: readonly (readonly number[])[];
  readonly input_scores: Scores;
  readonly cases: readonly Case[];
} = JSON.parse(readFileSync(new URL('../../fixtures/processors/expected.json', import.meta.url), 'utf8'));

/** A processor or a sampler at work on one text. */
interface Step {
  apply(row: NaiveRow): void;
  push?(token: number): void;
}

/** Makes a step for a text of which the first tokens are the prompt; `row`: the index of the text. */
type Maker = (given: Arguments, prompt: readonly number[], row: number) => Step;

const never = Number.NEGATIVE_INFINITY;

function step(processor: CompletionProcessor): Step {
  return {
    apply: (row) => processor.apply(row.values, row),
    push: (token) => processor.push?.(token),
  };
}

/** A sampler that leaves at least the `count` most likely tokens. */
function leaving(sampler: Sampler, count = 1): Step {
  return {
    apply(row) {
      const [one, other] = [new NaiveRow(row.values), new NaiveRow(row.values)];
      sampler.apply(one);
      new TopK(count).apply(other);
      row.values.set(one.values.map((logit, id) => Math.max(logit, other.values[id]!)));
    },
  };
}

const MAKERS: Readonly<Record<string, Maker>> = {
  RepetitionPenalty: ({ penalty }, prompt) => step(new RepetitionPenalty(penalty, prompt)),
  EncoderRepetitionPenalty: ({ penalty, encoder_input_ids }, _, row) =>
    step(new PromptRepetition(penalty, encoder_input_ids[row])),
  NoRepeatNGram: ({ ngram_size }, prompt) => step(new NoRepeatNgram(ngram_size, prompt)),
  EncoderNoRepeatNGram: ({ ngram_size, encoder_input_ids }, prompt, row) =>
    step(new PromptNgrams(ngram_size, encoder_input_ids[row], prompt)),
  SequenceBias: ({ sequence_bias }, prompt) => {
    const sequences = sequence_bias.map(([tokens, bias]: [number[], number]) => ({ tokens, bias }));
    return step(new SequenceBias(sequences, prompt));
  },
  NoBadWords({ bad_words_ids, eos_token_id }, prompt) {
    // transformers does not ban a token that ends a text.
    const words = bad_words_ids.filter((ids: number[]) => ids.length > 1 || !eos_token_id.includes(ids[0]!));
    return step(
      new SequenceBias(
        words.map((tokens: number[]) => ({ tokens, bias: never })),
        prompt,
      ),
    );
  },
  MinLength: ({ min_length, eos_token_id }, prompt) =>
    step(new MinTokens(min_length - prompt.length, eos_token_id)),
  MinNewTokens: ({ min_new_tokens, prompt_length, eos_token_id }, prompt) =>
    step(new MinTokens(min_new_tokens + prompt_length - prompt.length, eos_token_id)),
  ForcedBOS: ({ bos_token_id }, prompt) => step(new ForcedTokens([bos_token_id], 1 - prompt.length)),
  ForcedEOS: ({ max_length, eos_token_id }, prompt) =>
    step(new ForcedTokens(eos_token_id, max_length - 1 - prompt.length)),
  ExponentialDecay: ({ start, factor, eos_token_id, prompt_length }, prompt) =>
    step(new LengthDecay(start + prompt_length - prompt.length, factor, eos_token_id)),
  Suppress: ({ tokens }) => step(new BannedTokens(tokens)),
  SuppressAtBegin: ({ tokens, begin_index }, prompt) =>
    step(new BeginBans(tokens, begin_index - prompt.length)),
  LogitNormalization: () => step(new Renormalization()),
  Temperature: ({ temperature }) => new Temperature(temperature),
  TopK: ({ top_k, min_tokens_to_keep }) => leaving(new TopK(top_k), min_tokens_to_keep),
  TopP: ({ top_p, min_tokens_to_keep }) => leaving(new TopP(top_p), min_tokens_to_keep),
  TopH: ({ top_h }) => new TopH(top_h),
  MinP: ({ min_p }) => new MinP(min_p),
  Typical: ({ typical_p }) => new Typical(typical_p),
  Epsilon: ({ epsilon_cutoff }) => new Epsilon(epsilon_cutoff),
  Eta: ({ eta_cutoff }) => new Eta(eta_cutoff),
  chain({ in_order }, prompt, row) {
    const steps: Step[] = in_order.map((text: string) => {
      const [, name, value] = /^(\w+) ?(.*)$/.exec(text)!;
      const given = { [ARGUMENTS[name!] ?? '']: JSON.parse(value || 'null'), eos_token_id: [0, 9] };
      return MAKERS[name!]!(given, prompt, row);
    });
    return {
      apply(logits) {
        for (const one of steps) one.apply(logits);
      },
      push(token) {
        for (const one of steps) one.push?.(token);
      },
    };
  },
};

/** The argument of a chain's step. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  RepetitionPenalty: 'penalty',
  NoRepeatNGram: 'ngram_size',
  NoBadWords: 'bad_words_ids',
  MinLength: 'min_length',
  Temperature: 'temperature',
  TopH: 'top_h',
  TopK: 'top_k',
  TopP: 'top_p',
  MinP: 'min_p',
  Typical: 'typical_p',
  Epsilon: 'epsilon_cutoff',
  Eta: 'eta_cutoff',
};

/**
 * Cases of other tests: guidance needs a model. Diversity is that of two texts. The package has no counterpart
 * of the one that replaces NaN, which it refuses.
 */
const OTHERS = ['UnbatchedClassifierFreeGuidance', 'HammingDiversity', 'InfNan'];

/** Rows of V scores. */
function rows({ f32_base64 }: Scores): Float32Array[] {
  const all = new Float32Array(Uint8Array.from(Buffer.from(f32_base64, 'base64')).buffer);
  const V = golden.vocab_size;
  return Array.from({ length: all.length / V }, (_, row) => all.slice(row * V, (row + 1) * V));
}

function assertScores(found: Float32Array, expected: Float32Array, about: string): void {
  assert.is(found.length, golden.vocab_size);
  for (const [id, value] of found.entries()) {
    const right = expected[id]!;
    const isNear = value === right || Math.abs(value - right) <= 1e-5;
    if (!isNear) assert.unreachable(`${about}: token ${id} is ${value}, not ${right}`);
  }
}

test('processors and samplers change scores as those of transformers do, whatever part is the prompt', () => {
  const input = rows(golden.input_scores);
  const cases = golden.cases.filter(({ name }) => !OTHERS.includes(name));
  assert.is(cases.length, 56);
  for (const { name, arguments: given, input_ids = golden.input_ids, scores } of cases) {
    const expected = rows(scores);
    for (const [row, ids] of input_ids.entries()) {
      for (let length = 1; length <= ids.length; length++) {
        const one = MAKERS[name]!(given, ids.slice(0, length), row);
        for (const id of ids.slice(length)) one.push?.(id);
        const found = new NaiveRow(input[row]!);
        one.apply(found);
        const about = `${name} ${JSON.stringify(given)}, row ${row}, a prompt of ${length}`;
        assertScores(found.values, expected[row]!, about);
      }
    }
  }
});

test('the penalty for tokens of other groups of beams is that of counts', () => {
  const { arguments: given, scores } = golden.cases.find(({ name }) => name === 'HammingDiversity')!;
  const input = rows(golden.input_scores);
  const penalty = new CountPenalties(given.diversity_penalty, 0);
  for (const token of given.tokens_of_earlier_groups) penalty.push(token);
  for (const [index, row] of (given.rows as number[]).entries()) {
    const found = input[row]!.slice();
    penalty.apply(found);
    assertScores(found, rows(scores)[index]!, `row ${row}`);
  }
});

test('a sequence longer than the text has no effect; its last token alone neither', () => {
  const processor = new SequenceBias([{ tokens: [1, 2], bias: 5 }], []);
  const logits = new Float32Array(4);
  processor.apply(logits);
  processor.push(2);
  processor.apply(logits);
  assert.equal(logits, new Float32Array(4));
  processor.push(1);
  processor.apply(logits);
  assert.equal(logits, Float32Array.of(0, 0, 5, 0));
});

test.run();
