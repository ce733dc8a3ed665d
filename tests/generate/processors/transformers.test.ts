import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BannedTokens } from '../../../src/generate/processors/banned_tokens.js';
import type { LogitsProcessor } from '../../../src/generate/processors/logits_processor.js';
import { MinTokens } from '../../../src/generate/processors/min_tokens.js';
import { NoRepeatNgram } from '../../../src/generate/processors/no_repeat_ngram.js';
import { RepetitionPenalty } from '../../../src/generate/processors/repetition_penalty.js';
import { SequenceBias } from '../../../src/generate/processors/sequence_bias.js';

interface Scores {
  readonly f32_base64: string;
}
interface Arguments {
  readonly penalty: number;
  readonly ngram_size: number;
  readonly sequence_bias: readonly (readonly [readonly number[], number])[];
  readonly bad_words_ids: readonly (readonly number[])[];
  readonly min_length: number;
  readonly min_new_tokens: number;
  readonly prompt_length: number;
  readonly eos_token_id: readonly number[];
  readonly tokens: readonly number[];
}

const golden: {
  readonly vocab_size: number;
  readonly input_ids: readonly (readonly number[])[];
  readonly input_scores: Scores;
  readonly cases: readonly {
    readonly name: string;
    readonly arguments: Arguments;
    readonly scores: Scores;
  }[];
} = JSON.parse(readFileSync(new URL('../../fixtures/processors/expected.json', import.meta.url), 'utf8'));

/** The processor of transformers by its name, for a text of which the first tokens are the prompt. */
const PROCESSORS: Readonly<Record<string, (given: Arguments, prompt: readonly number[]) => LogitsProcessor>> =
  {
    RepetitionPenalty: ({ penalty }, prompt) => new RepetitionPenalty(penalty, prompt),
    NoRepeatNGram: ({ ngram_size }, prompt) => new NoRepeatNgram(ngram_size, prompt),
    SequenceBias: ({ sequence_bias }, prompt) =>
      new SequenceBias(
        sequence_bias.map(([tokens, bias]) => ({ tokens, bias })),
        prompt,
      ),
    NoBadWords({ bad_words_ids, eos_token_id }, prompt) {
      // transformers does not ban a token that ends a text.
      const words = bad_words_ids.filter((tokens) => tokens.length > 1 || !eos_token_id.includes(tokens[0]!));
      return new SequenceBias(
        words.map((tokens) => ({ tokens, bias: Number.NEGATIVE_INFINITY })),
        prompt,
      );
    },
    MinLength: ({ min_length, eos_token_id }, prompt) =>
      new MinTokens(min_length - prompt.length, eos_token_id),
    MinNewTokens: ({ min_new_tokens, prompt_length, eos_token_id }, prompt) =>
      new MinTokens(min_new_tokens + prompt_length - prompt.length, eos_token_id),
    Suppress: ({ tokens }) => new BannedTokens(tokens),
  };

/** Rows of V scores. */
function rows({ f32_base64 }: Scores): Float32Array[] {
  const all = new Float32Array(Uint8Array.from(Buffer.from(f32_base64, 'base64')).buffer);
  const V = golden.vocab_size;
  return Array.from({ length: all.length / V }, (_, row) => all.slice(row * V, (row + 1) * V));
}

test('processors change scores as those of transformers do, whatever part of the text is the prompt', () => {
  const input = rows(golden.input_scores);
  for (const { name, arguments: given, scores } of golden.cases) {
    const expected = rows(scores);
    for (const [row, ids] of golden.input_ids.entries()) {
      for (let length = 0; length <= ids.length; length++) {
        const processor = PROCESSORS[name]!(given, ids.slice(0, length));
        for (const id of ids.slice(length)) processor.push?.(id);
        const found = input[row]!.slice();
        processor.apply(found);
        const about = `${name} ${JSON.stringify(given)}, row ${row}, a prompt of ${length}`;
        assert.is(found.length, golden.vocab_size);
        for (const [id, value] of found.entries()) {
          const right = expected[row]![id]!;
          const near = value === right || Math.abs(value - right) <= 1e-5;
          if (!near) assert.unreachable(`${about}: token ${id} is ${value}, not ${right}`);
        }
      }
    }
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
