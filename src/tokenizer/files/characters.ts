import { Gpt2Error } from '../../base/errors.js';
import type { JsonObject } from '../../files/json_object.js';

/**
 * The tokenizer.json of a vocabulary of single characters, as nanoGPT's meta.pkl has it: character i has the
 * id i. `encode` leaves out characters that the vocabulary lacks, of which nanoGPT's own encoder fails.
 * Throws `unsupported` for a token that is not one character, `invalid-file` for one that stands twice.
 */
export function charactersTokenizer(file: string, characters: readonly unknown[]): JsonObject {
  const vocab = new Map<string, number>();
  for (const [id, character] of characters.entries()) {
    if (typeof character !== 'string') throw new Gpt2Error('invalid-file', `${file}: token ${id} is no text`);
    if ([...character].length !== 1) {
      const token = JSON.stringify(character.slice(0, 40));
      throw new Gpt2Error('unsupported', `${file}: token ${id} is ${token}, and not one character`);
    }
    if (vocab.has(character)) {
      throw new Gpt2Error('invalid-file', `${file}: two tokens are ${JSON.stringify(character)}`);
    }
    vocab.set(character, id);
  }
  return {
    ...{ version: '1.0', truncation: null, padding: null, added_tokens: [] },
    ...{ normalizer: null, pre_tokenizer: null, post_processor: null, decoder: { type: 'Fuse' } },
    model: {
      ...{ type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null },
      ...{ end_of_word_suffix: null, fuse_unk: false, byte_fallback: false, ignore_merges: false },
      vocab: Object.fromEntries(vocab),
      merges: [],
    },
  };
}
