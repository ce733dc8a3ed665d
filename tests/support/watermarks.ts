import { readFileSync } from 'node:fs';
import type { KgwWatermark, SynthIdWatermark } from '../../src/generate/watermark/watermark.js';

interface Scores {
  readonly f32_base64: string;
}

export interface KgwCase {
  readonly greenlist_ratio: number;
  readonly bias: number;
  readonly hashing_key: number;
  readonly seeding_scheme: 'lefthash' | 'selfhash';
  readonly context_width: number;
  readonly vocab_size: number;
  readonly greenlist_size: number;
  readonly processor: {
    readonly input_ids: readonly (readonly number[])[];
    readonly input_scores: Scores;
    readonly scores: Scores;
  };
  readonly green_of_previous_token?: readonly (readonly number[])[];
  readonly contexts?: readonly {
    readonly context_with_candidate: readonly number[];
    readonly green: readonly number[];
    readonly candidate_is_green: boolean;
  }[];
  readonly detect: readonly {
    readonly ids: readonly number[];
    readonly green_flags_from: number;
    readonly green_flags: readonly number[];
    readonly detector: Readonly<
      Record<'num_tokens_scored' | 'num_green_tokens' | 'green_fraction' | 'z_score' | 'p_value', number>
    >;
  }[];
}

export interface SynthIdCase {
  readonly ngram_len: number;
  readonly keys: readonly number[];
  readonly context_history_size: number;
  readonly skip_first_ngram_calls: boolean;
  readonly sampling_table_size: number;
  readonly sampling_table_seed: number;
  readonly start_ids: readonly (readonly number[])[];
  readonly steps: readonly {
    readonly input_scores: Scores;
    readonly scores: Scores;
    readonly next: readonly number[];
  }[];
  readonly detect: readonly {
    readonly marked: boolean;
    readonly ids: readonly number[];
    readonly g_values: readonly (readonly number[])[];
    readonly context_repetition_mask: readonly number[];
    readonly eos_mask: readonly number[];
    readonly mean: number;
    readonly weighted_mean: number;
  }[];
}

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/watermark/${name}.json`, import.meta.url), 'utf8'));

/** Vocabulary of the fixtures. */
export const VOCABULARY = 97;

/** What transformers makes of KGW. */
export const KGW: readonly KgwCase[] = read('kgw').cases;

const synthId: { readonly cases: readonly SynthIdCase[]; readonly sampling_table_bits_base64: string } =
  read('synthid');

/** What transformers makes of SynthID-Text, and the table of random bits that it used. */
export const SYNTH_ID: readonly SynthIdCase[] = synthId.cases;
export const SAMPLING_TABLE: readonly number[] = [
  ...Buffer.from(synthId.sampling_table_bits_base64, 'base64'),
].flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => (byte >> bit) & 1));

export const kgwOf = (each: KgwCase): KgwWatermark => ({
  kind: 'kgw',
  greenlistRatio: each.greenlist_ratio,
  bias: each.bias,
  hashingKey: each.hashing_key,
  seedingScheme: each.seeding_scheme,
  contextWidth: each.context_width,
});

export const synthIdOf = (each: SynthIdCase): SynthIdWatermark => ({
  kind: 'synthid',
  ngramLen: each.ngram_len,
  keys: each.keys,
  contextHistorySize: each.context_history_size,
  skipFirstNgramCalls: each.skip_first_ngram_calls,
  samplingTableSize: each.sampling_table_size,
  samplingTableSeed: each.sampling_table_seed,
});

/** The rows of an array of scores. */
export function rowsOf({ f32_base64 }: Scores): Float32Array[] {
  const all = new Float32Array(new Uint8Array(Buffer.from(f32_base64, 'base64')).buffer);
  return Array.from({ length: all.length / VOCABULARY }, (_, row) =>
    all.slice(row * VOCABULARY, (row + 1) * VOCABULARY),
  );
}
