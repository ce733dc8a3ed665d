import { Gpt2Error } from '../base/errors.js';
import { bytesOfToken } from '../tokenizer/bytes_of_token.js';
import { reasonWithoutText } from '../tokenizer/reason_without_text.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { LoadedModel } from './loaded_models.js';

/** How many tokens of two vocabularies are compared. */
const SAMPLES = 256;

/**
 * Throws `invalid-option` if `other`, the model that the option `name` gives, has another vocabulary than `model`:
 * another size, or other tokens at even distances.
 */
export function assertSameVocabulary(name: string, model: LoadedModel, other: LoadedModel): void {
  const { vocabSize } = model.core.config;
  const size = other.core.config.vocabSize;
  if (size !== vocabSize) {
    throw new Gpt2Error(
      'invalid-option',
      `${name} needs the vocabulary of this model, ${vocabSize} tokens; it has one of ${size}`,
    );
  }
  const [here, there] = [model.tokenizer, other.tokenizer];
  if (here === there || reasonWithoutText(here) || reasonWithoutText(there)) return;
  const step = Math.max(1, Math.floor(vocabSize / SAMPLES));
  for (let id = 0; id < vocabSize; id += step) {
    if (bytesOfToken(here, id)?.join() === bytesOfToken(there, id)?.join()) continue;
    throw new Gpt2Error(
      'invalid-option',
      `${name} needs the vocabulary of this model: token ${id} is ${shown(here, id)} here and ${shown(there, id)} there`,
    );
  }
}

function shown(tokenizer: Tokenizer, id: number): string {
  return bytesOfToken(tokenizer, id) === undefined ? 'none' : JSON.stringify(tokenizer.decode([id]));
}
