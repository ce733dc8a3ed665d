import { loadTokenizer } from '../../../src/index.js';
import { trainTokenizer } from '../../../src/train.js';
import { type Files, fixture } from '../../support/fixture_files.js';
import { bytes, type GrowthCase, range } from './growth_case.js';

const FOLDERS: readonly [name: string, folder: string][] = [
  ['byte-level BPE', 'stories-tiny'],
  ['WordPiece', 'tokenizer-pipelines/bert-accents'],
  ['BPE of characters', 'tokenizer-pipelines/llama-bpe'],
  ['BPE with a suffix', 'tokenizer-pipelines/clip-suffix'],
  ['BPE with normalization', 'tokenizer-pipelines/byte-bpe-nfkc'],
  ['BPE with a split pattern', 'tokenizer-pipelines/gpt4-split'],
  ['Unigram', 'tokenizer-pipelines/unigram-bytes'],
  ['words', 'tokenizer-pipelines/wordlevel'],
  ['added tokens', 'tokenizer-pipelines/added-tokens'],
  ['Metaspace', 'tokenizer-pipelines/metaspace-first'],
  ['SentencePiece', 'tokenizer-files/sp-unigram-bytes'],
  ['SentencePiece BPE', 'tokenizer-files/sp-bpe'],
];

/** Each part is repeated: words, runs of one character, halves of characters and ones that have no token. */
const PARTS = ['Some words, 12 of them. ', 'a', ' ', '\n', '\u0301', '\ud83d', '\u{1F9FF}'];

const READ: GrowthCase[] = FOLDERS.map(([name, folder]) => ({
  title: `encode, decode and tokenize, ${name}`,
  size: 30,
  async prepare(size: number) {
    const tokenizer = await loadTokenizer(fixture(folder));
    const text = PARTS.map((part) => part.repeat(size)).join('');
    return () => {
      const ids = tokenizer.encode(text);
      tokenizer.decode(ids);
      const decoder = tokenizer.streamDecoder();
      for (const id of ids) decoder.push(id);
      decoder.end();
      tokenizer.tokenize(text);
    };
  },
}));

/** `text` with tokens that are added to a vocabulary: by their text, what they are. */
function added(
  title: string,
  tokens: (size: number) => Record<string, object>,
  text: (size: number) => string,
): GrowthCase {
  return {
    ...{ title: `encode, ${title}`, size: 300 },
    async prepare(size) {
      const files = fixture('stories-tiny');
      const listed = Object.entries(tokens(size)).map(([content, token], i) => [
        1024 + i,
        { content, ...token },
      ]);
      const config = bytes(JSON.stringify({ added_tokens_decoder: Object.fromEntries(listed) }));
      const tokenizer = await loadTokenizer({ ...files, 'tokenizer_config.json': config });
      const given = text(size);
      return () => {
        tokenizer.encode(given);
        tokenizer.encode(given, { allowedSpecial: 'all' });
        for (const content of Object.keys(tokens(size))) tokenizer.tokenToId(content);
      };
    },
  };
}

const STRIPPING = { '<s>': { lstrip: true, rstrip: true } };
const letters = (size: number) => range(size, (i) => String.fromCharCode(97 + ((i * i * 31) % 26))).join('');

const ADDED: GrowthCase[] = [
  added('letters without a space', () => STRIPPING, letters),
  added(
    'spaces beside a token that strips them',
    () => STRIPPING,
    (size) => `<s>${' '.repeat(size)}<s>`,
  ),
  added(
    'spaces that a stripping token might follow',
    () => STRIPPING,
    (size) => `${' '.repeat(size)}x`,
  ),
  added(
    'spaces that tokens take along',
    () => ({ ' ': { rstrip: true }, '\t': {}, '\n': { lstrip: true } }),
    (size) => ' \t'.repeat(size),
  ),
  added(
    'as many added tokens as characters',
    (size) => Object.fromEntries(range(size, (i) => [`<tok ${i} of the list>`, { special: i % 2 === 1 }])),
    (size) => '<tok and <tok 7 of the list, but no token. '.repeat(size / 20),
  ),
];

/** tokenizer.json with `size` of something. */
const json = (name: string, folder: string, change: (json: Json, size: number) => void): GrowthCase => ({
  title: `tokenizer.json of ${name}`,
  size: 500,
  prepare(size) {
    const files = fixture(folder);
    const changed = JSON.parse(new TextDecoder().decode(files['tokenizer.json'])) as Json;
    change(changed, size);
    const given: Files = { 'tokenizer.json': bytes(JSON.stringify(changed)) };
    return () => loadTokenizer(given);
  },
});

// biome-ignore lint/suspicious/noExplicitAny: a file of any form
type Json = any;

const FILES: GrowthCase[] = [
  json('many added tokens', 'tokenizer-pipelines/added-tokens', (file, size) => {
    const last = Math.max(
      ...file.added_tokens.map(({ id }: Json) => id),
      ...Object.values<number>(file.model.vocab),
    );
    const { id, content, ...rest } = file.added_tokens[0];
    file.added_tokens.push(...range(size, (i) => ({ id: last + 1 + i, content: `<${i}>`, ...rest })));
  }),
  json('many words', 'tokenizer-pipelines/wordlevel', (file, size) => {
    const last = Object.keys(file.model.vocab).length + file.added_tokens.length;
    for (let i = 0; i < size; i++) file.model.vocab[`word${i}`] = last + i;
  }),
  {
    title: 'trainTokenizer, different words',
    size: 300,
    prepare(size) {
      const texts = range(size, (i) => `word${i * 7919}end and ${i}`);
      return () => trainTokenizer(texts, { vocabSize: 257 + Math.floor(size / 2) });
    },
  },
  {
    title: 'trainTokenizer, one long word',
    size: 2000,
    prepare: (size) => () => trainTokenizer(['ab'.repeat(size)], { vocabSize: 300 }),
  },
];

export const TOKENIZERS: GrowthCase[] = [...READ, ...ADDED, ...FILES];
