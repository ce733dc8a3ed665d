import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { symbolsOf } from '../bpe/byte_alphabet.js';
import { rankedTokenizer } from './ranks.js';
import { END_OF_TEXT } from './settings.js';
import type { TextFile } from './text_file.js';

const CL100K =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const O200K = [
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
  '\\p{N}{1,3}',
  ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*',
  '\\s*[\\r\\n]+',
  '\\s+(?!\\S)',
  '\\s+',
].join('|');

/** The encodings of tiktoken: the pattern (`undefined`: GPT-2's) and the special tokens. */
const ENCODINGS: ReadonlyMap<string, Encoding> = new Map([
  ['gpt2', { pattern: undefined, special: { [END_OF_TEXT]: 50256 } }],
  ['r50k_base', { pattern: undefined, special: { [END_OF_TEXT]: 50256 } }],
  ['p50k_base', { pattern: undefined, special: { [END_OF_TEXT]: 50256 } }],
  [
    'p50k_edit',
    {
      pattern: undefined,
      special: {
        ...{ [END_OF_TEXT]: 50256, '<|fim_prefix|>': 50281, '<|fim_middle|>': 50282 },
        '<|fim_suffix|>': 50283,
      },
    },
  ],
  [
    'cl100k_base',
    {
      pattern: CL100K,
      special: {
        ...{ [END_OF_TEXT]: 100257, '<|fim_prefix|>': 100258, '<|fim_middle|>': 100259 },
        ...{ '<|fim_suffix|>': 100260, '<|endofprompt|>': 100276 },
      },
    },
  ],
  ['o200k_base', { pattern: O200K, special: { [END_OF_TEXT]: 199999, '<|endofprompt|>': 200018 } }],
]);

interface Encoding {
  readonly pattern: string | undefined;
  readonly special: Readonly<Record<string, number>>;
}

/**
 * The tokenizer.json of a .tiktoken file of ranks: a line for each token, its bytes in base64 and its rank.
 * The name of the file says the encoding (gpt2, r50k_base, p50k_base, p50k_edit, cl100k_base, o200k_base), or
 * `settings`, tokenizer_config.json, has its `pat_str` and `special_tokens`, as the arguments of
 * tiktoken.Encoding. Throws `invalid-file`, and `unsupported` for an encoding that neither says.
 */
export function readTiktoken({ label, text }: TextFile, settings: JsonObject): JsonObject {
  const ranks = readRanks(label, text);
  const name = /([\w.-]*)\.tiktoken$/i.exec(label)?.[1] ?? '';
  const known = ENCODINGS.get(typeof settings.encoding === 'string' ? settings.encoding : name);
  const { pat_str: pattern = known?.pattern, special_tokens: special = known?.special ?? {} } = settings;
  if (known === undefined && typeof pattern !== 'string') {
    throw new Gpt2Error(
      'unsupported',
      `${label}: its name says none of the encodings ${[...ENCODINGS.keys()].join(', ')}; ` +
        'name the file so, or put {"pat_str": "...", "special_tokens": {"<|endoftext|>": ...}} into a tokenizer_config.json beside it',
    );
  }
  if (!isJsonObject(special) || Object.values(special).some((id) => typeof id !== 'number')) {
    throw new Gpt2Error('invalid-file', `${label}: special_tokens must be an object from texts to ids`);
  }
  return rankedTokenizer({
    ranks,
    ignoreMerges: true,
    pattern: pattern as string | undefined,
    special: new Map(Object.entries(special as Record<string, number>)),
  });
}

/** The ranks of the tokens of a .tiktoken file, which are in the byte alphabet. */
function readRanks(label: string, text: string): Map<string, number> {
  const ranks = new Map<string, number>();
  const seen = new Set<number>();
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const found = /^([A-Za-z0-9+/]+={0,2})\s+(\d{1,7})\s*$/.exec(line);
    const wrong = (problem: string) => new Gpt2Error('invalid-file', `${label} line ${i + 1} ${problem}`);
    if (found === null) throw wrong('is not a token in base64 and its rank');
    let bytes: Uint8Array;
    try {
      bytes = Uint8Array.from(atob(found[1]!), (character) => character.charCodeAt(0));
    } catch {
      throw wrong('is not a token in base64 and its rank');
    }
    const token = symbolsOf(bytes);
    const rank = Number(found[2]);
    if (token === '') throw wrong('has a token without bytes');
    if (ranks.has(token) || seen.has(rank)) throw wrong('repeats the token or the rank of another line');
    ranks.set(token, rank);
    seen.add(rank);
  }
  if (ranks.size === 0) throw new Gpt2Error('invalid-file', `${label} has no tokens`);
  return ranks;
}
