import { readFileSync } from 'node:fs';
import { tokenizerFromSource } from '../../src/tokenizer/files/load.js';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.js';
import type { randomSource } from '../support/random.js';
import { memorySource } from '../support/sources.js';

const FOLDER = new URL('../fixtures/gpt2-tokenizer/', import.meta.url);

export function readFixture(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

/** Ranges of code points that split, combine or encode differently. */
const RANGES: readonly (readonly [first: number, last: number])[] = [
  [0x20, 0x20],
  [0x09, 0x0d],
  [0x20, 0x7e],
  [0x61, 0x7a],
  [0x27, 0x27],
  [0x30, 0x39],
  [0x00, 0x1f],
  [0x7f, 0xa0],
  [0x85, 0x85],
  [0xa1, 0x24f],
  [0x300, 0x36f],
  [0x400, 0x4ff],
  [0x590, 0x6ff],
  [0x900, 0x97f],
  [0x1680, 0x1680],
  [0x2000, 0x206f],
  [0x2150, 0x218f],
  [0x3000, 0x30ff],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
  [0xd800, 0xdfff],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xfff0, 0xffff],
  [0x10000, 0x10fff],
  [0x1d400, 0x1d7ff],
  [0x1f300, 0x1faff],
  [0x20000, 0x2ffff],
  [0xe0000, 0x10ffff],
];

const ENDINGS = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'l"];

export type Random = ReturnType<typeof randomSource>;

/** Random text of runs from all of Unicode, with lone surrogates. */
export function randomText(random: Random, maxLength: number): string {
  let text = '';
  const length = random.below(maxLength);
  while (text.length < length) {
    const [first, last] = random.pick(RANGES);
    for (let run = random.below(1 + random.below(8)); run >= 0; run--) {
      text += String.fromCodePoint(first + random.below(last - first + 1));
    }
    if (random.uniform() < 0.1) text += random.pick(ENDINGS);
  }
  return text;
}

/** The text with U+FFFD for every lone surrogate. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/**
 * The character of each byte, from the description in the GPT-2 repository: printable ones are themselves.
 */
export const BYTE_SYMBOLS: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const isPrintable = (code: number) =>
    (code >= 33 && code <= 126) || (code >= 161 && code <= 172) || (code >= 174 && code <= 255);
  if (isPrintable(byte)) return String.fromCodePoint(byte);
  let before = 0;
  for (let other = 0; other < byte; other++) if (!isPrintable(other)) before++;
  return String.fromCodePoint(256 + before);
});

export type Json = Record<string, unknown>;

/**
 * A vocabulary of all bytes by their own number, "ab" = 256, "abc" = 257, " a" = 258 and the end of text =
 * 259.
 */
export function smallVocab(): Record<string, number> {
  const vocab = Object.fromEntries(BYTE_SYMBOLS.map((symbol, byte) => [symbol, byte]));
  return { ...vocab, ab: 256, abc: 257, Ġa: 258, '<|endoftext|>': 259 };
}

export const SMALL_MERGES = ['a b', 'ab c', 'Ġ a'];

/** The tokenizer.json that Hugging Face writes for GPT-2, with some fields replaced. */
export function tokenizerJson(replaced: { top?: Json; model?: Json } = {}): Json {
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [addedToken('<|endoftext|>', 259, { special: true })],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
    post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    ...replaced.top,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      vocab: smallVocab(),
      merges: SMALL_MERGES,
      ...replaced.model,
    },
  };
}

export function addedToken(content: string, id: number, flags: Json = {}): Json {
  return {
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: false,
    ...flags,
  };
}

/** Loads a tokenizer from files; objects are written as JSON. */
export function loadFiles(files: Record<string, Json | string | Uint8Array>): Promise<Tokenizer> {
  const contents = Object.entries(files).map(([path, file]) => [
    path,
    typeof file === 'string' || file instanceof Uint8Array ? file : JSON.stringify(file),
  ]);
  return tokenizerFromSource(memorySource('files', Object.fromEntries(contents)));
}

/** The small tokenizer as vocab.json and merges.txt, with other files beside it. */
export function loadSmall(others: Record<string, Json> = {}): Promise<Tokenizer> {
  const merges = `#version: 0.2\n${SMALL_MERGES.join('\n')}\n`;
  return loadFiles({ 'vocab.json': smallVocab(), 'merges.txt': merges, ...others });
}
