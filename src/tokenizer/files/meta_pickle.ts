import { Gpt2Error } from '../../base/errors.js';
import type { JsonObject } from '../../files/json_object.js';
import { readPickle } from '../../files/pickle/read_pickle.js';
import { charactersTokenizer } from './characters.js';

/**
 * The tokenizer.json of nanoGPT's meta.pkl: the characters in its dictionary `itos`. Throws `invalid-file`.
 */
export function readMetaPickle(file: string, bytes: Uint8Array): JsonObject {
  const { value } = readPickle(bytes, file);
  const table = value instanceof Map ? (value.get('itos') ?? value.get('stoi')) : undefined;
  if (!(table instanceof Map)) {
    throw new Gpt2Error(
      'invalid-file',
      `${file} has no dictionary of characters (itos, stoi), as nanoGPT's has`,
    );
  }
  const characters: unknown[] = [];
  for (const [key, other] of table) {
    const [id, character] = typeof key === 'number' ? [key, other] : [other, key];
    if (!Number.isInteger(id) || id < 0 || id >= table.size || characters[id] !== undefined) {
      throw new Gpt2Error(
        'invalid-file',
        `${file}: its characters are not numbered from 0 to ${table.size - 1}`,
      );
    }
    characters[id] = character;
  }
  return charactersTokenizer(file, characters);
}
