import { Gpt2Error } from '../base/errors.js';
import type { Core } from '../core/types.js';
import { bytesOfToken } from '../tokenizer/bytes_of_token.js';
import { reasonWithoutText } from '../tokenizer/reason_without_text.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { LoadedModel } from './loaded_models.js';

/** How many tokens of two vocabularies are compared. */
const SAMPLES = 256;

/** A part of a vocabulary as plain data. */
export interface VocabularySample {
  readonly size: number;
  /** Tokens at even distances: id, bytes in decimal, and text; `undefined` without a tokenizer. */
  readonly tokens: readonly SampledToken[] | undefined;
}

interface SampledToken {
  readonly id: number;
  readonly bytes: string | undefined;
  readonly text: string;
}

/** `most`: about how many tokens it has. */
export function vocabularySample(
  { core, tokenizer }: { readonly core: Pick<Core, 'config'>; readonly tokenizer: Tokenizer },
  most = SAMPLES,
): VocabularySample {
  const { vocabSize: size } = core.config;
  if (reasonWithoutText(tokenizer)) return { size, tokens: undefined };
  const step = Math.max(1, Math.floor(size / most));
  const tokens: SampledToken[] = [];
  for (let id = 0; id < size; id += step) {
    const bytes = bytesOfToken(tokenizer, id)?.join();
    tokens.push({ id, bytes, text: bytes === undefined ? 'none' : JSON.stringify(tokenizer.decode([id])) });
  }
  return { size, tokens };
}

/**
 * Throws `invalid-option` if `other`, the model that the option `name` gives, has another vocabulary than `model`:
 * another size, or other tokens at even distances.
 */
export function assertSameVocabulary(name: string, model: LoadedModel, other: LoadedModel): void {
  const isShared =
    model.tokenizer === other.tokenizer && model.core.config.vocabSize === other.core.config.vocabSize;
  if (!isShared) assertSameSample(name, vocabularySample(model), vocabularySample(other));
}

/** As `assertSameVocabulary`, for samples of both vocabularies. */
export function assertSameSample(name: string, model: VocabularySample, other: VocabularySample): void {
  if (other.size !== model.size) {
    throw new Gpt2Error(
      'invalid-option',
      `${name} needs the vocabulary of this model, ${model.size} tokens; it has one of ${other.size}`,
    );
  }
  if (!model.tokens || !other.tokens) return;
  for (const [i, { id, bytes, text }] of model.tokens.entries()) {
    const there = other.tokens[i]!;
    if (bytes === there.bytes) continue;
    throw new Gpt2Error(
      'invalid-option',
      `${name} needs the vocabulary of this model: token ${id} is ${text} here and ${there.text} there`,
    );
  }
}
