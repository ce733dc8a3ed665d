import { Gpt2Error } from '../../base/errors.js';
import type { JsonObject } from '../../files/json_object.js';
import { BYTE_SYMBOLS, symbolsOf } from '../bpe/byte_alphabet.js';
import { rankedTokenizer } from './ranks.js';
import { END_OF_TEXT } from './settings.js';

/** The first number of llm.c's gpt2_tokenizer.bin. */
const MAGIC = 20240328;
const HEADER_BYTES = 4 * 256;
/** The id of <|endoftext|> in files of version 1, which are all GPT-2's. */
const GPT2_END = 50256;
const MOST_TOKENS = 2 ** 20;

/** A tokenizer in the form of a tokenizer.json, and why it can only decode, if that is so. */
export interface LlmcTokenizer {
  readonly json: JsonObject;
  readonly decodesOnly: string | undefined;
}

/**
 * Reads llm.c's gpt2_tokenizer.bin, versions 1 and 2, which has the bytes of each token alone. If the ids are
 * ranks of byte-pair encoding, as those of GPT-2 are, texts can be encoded too. Throws `invalid-file`, and
 * `unsupported` for another version.
 */
export function readLlmc(file: string, bytes: Uint8Array): LlmcTokenizer {
  const wrong = (problem: string) => new Gpt2Error('invalid-file', `${file} ${problem}`);
  if (bytes.length < HEADER_BYTES) throw wrong('is no tokenizer of llm.c: it is shorter than its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [magic, version, count, end] = [0, 1, 2, 3].map((i) => view.getUint32(4 * i, true)) as [
    number,
    number,
    number,
    number,
  ];
  if (magic !== MAGIC) throw wrong(`is no tokenizer of llm.c: it begins with ${magic}, not ${MAGIC}`);
  if (version !== 1 && version !== 2) {
    throw new Gpt2Error('unsupported', `${file} has version ${version}; only 1 and 2 are read`);
  }
  if (count === 0 || count > MOST_TOKENS) throw wrong(`has ${count} tokens; it may have 1 to ${MOST_TOKENS}`);
  const endId = version === 1 ? GPT2_END : end;
  const ranks = new Map<string, number>();
  let endText = END_OF_TEXT;
  for (let id = 0, at = HEADER_BYTES; id < count; id++) {
    const start = at + 1;
    at = start + (bytes[at] ?? 0);
    if (start > bytes.length || at > bytes.length) throw wrong(`is cut off in token ${id} of ${count}`);
    const text = bytes.subarray(start, at);
    if (id === endId && text.length > 0) endText = new TextDecoder().decode(text);
    if (id === endId || text.length === 0) continue;
    const token = symbolsOf(text);
    if (ranks.has(token)) throw wrong(`has the same bytes for the tokens ${ranks.get(token)} and ${id}`);
    ranks.set(token, id);
  }
  const lacking = unreachable(ranks);
  return {
    json: rankedTokenizer({
      ...{ ranks, pattern: undefined, special: new Map([[endText, endId]]) },
      ignoreMerges: lacking !== undefined,
    }),
    decodesOnly:
      lacking &&
      `${file} has no merges, and its ids are no ranks of merges (${lacking}), so that it can only decode; ` +
        'to encode, put the tokenizer.json or the vocab.json and merges.txt of the model in its place',
  };
}

/** Describes the first token that merging does not make of its bytes; `undefined` if there is none. */
function unreachable(ranks: ReadonlyMap<string, number>): string | undefined {
  const byte = BYTE_SYMBOLS.findIndex((symbol) => !ranks.has(symbol));
  if (byte !== -1) return `the byte ${byte} has no token`;
  for (const [token, rank] of ranks) {
    const parts = [...token];
    while (parts.length > 1) {
      let best = -1;
      let lowest = rank + 1;
      for (let i = 0; i + 1 < parts.length; i++) {
        const found = ranks.get(parts[i]! + parts[i + 1]!);
        if (found === undefined || found >= lowest) continue;
        best = i;
        lowest = found;
      }
      if (best === -1) return `token ${rank} is not made of earlier ones`;
      parts.splice(best, 2, parts[best]! + parts[best + 1]!);
    }
  }
  return undefined;
}
