import type { BiasedSequence, GenerateOptions } from '../../src/generate/options.js';

/** A call of `generate` of transformers, and what it gave. */
export interface GoldenCall {
  readonly name: string;
  readonly prompt: readonly number[];
  readonly max_new_tokens: number;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The new tokens. */
  readonly sequences: readonly (readonly number[])[];
}

/** The end-of-text tokens of a call. */
export const endsOf = ({ arguments: given }: GoldenCall): readonly number[] =>
  (given.eos_token_id as number[] | undefined) ?? [0];

/** Arguments of transformers' `generate`, as options. */
const OPTIONS: Readonly<Record<string, keyof GenerateOptions>> = {
  num_beams: 'beams',
  num_return_sequences: 'returned',
  length_penalty: 'lengthPenalty',
  early_stopping: 'earlyStopping',
  no_repeat_ngram_size: 'noRepeatNgram',
  encoder_no_repeat_ngram_size: 'encoderNoRepeatNgram',
  repetition_penalty: 'repetitionPenalty',
  encoder_repetition_penalty: 'encoderRepetitionPenalty',
  min_new_tokens: 'minTokens',
  forced_bos_token_id: 'forcedBos',
  forced_eos_token_id: 'forcedEos',
  renormalize_logits: 'renormalize',
  suppress_tokens: 'bannedTokens',
  begin_suppress_tokens: 'beginBannedTokens',
};

/** The options of a call. Fails for an argument that has none. */
export function optionsOf({ prompt, arguments: given, max_new_tokens }: GoldenCall): GenerateOptions {
  const options: Record<string, unknown> = { maxTokens: max_new_tokens };
  const sequenceBias: BiasedSequence[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (name === 'eos_token_id') continue;
    if (name in OPTIONS) options[OPTIONS[name]!] = value;
    else if (name === 'min_length') options.minTokens = Math.max(0, (value as number) - prompt.length);
    else if (name === 'exponential_decay_length_penalty') {
      const [start, factor] = value as [number, number];
      options.exponentialDecay = { start, factor };
    } else if (name === 'sequence_bias') {
      for (const [tokens, bias] of value as [number[], number][]) sequenceBias.push({ tokens, bias });
    } else if (name === 'bad_words_ids') {
      for (const tokens of value as number[][]) {
        sequenceBias.push({ tokens, bias: Number.NEGATIVE_INFINITY });
      }
    } else throw new Error(`no option for ${name}`);
  }
  return { ...options, sequenceBias };
}
