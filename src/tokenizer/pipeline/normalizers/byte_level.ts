import { symbolsOf } from '../../bpe/byte_alphabet.js';
import { mapCharacters } from './characters.js';

const utf8 = new TextEncoder();
const known = new Map<string, string>();
const MOST_KNOWN = 4096;

/** The symbols of GPT-2's byte alphabet for the bytes of a character. */
function symbols(character: string): string {
  let found = known.get(character);
  if (found === undefined) {
    found = symbolsOf(utf8.encode(character));
    if (known.size < MOST_KNOWN) known.set(character, found);
  }
  return found;
}

/** Writes a text in GPT-2's byte alphabet. */
export const byteSymbols = mapCharacters(symbols);
