import { loadTokenizer } from '../../../src/index.js';
import { filesOf, folderTarget } from '../folder_target.js';

const TEXTS = ['The cat sat.', ' a  b\n\tİß\u0301e\u{1F600} 123 don’t', '<|endoftext|>[CLS] ##a ▁x', ''];

/** Loads the tokenizer, encodes texts and decodes their ids. */
async function encodeAndDecode(files: Record<string, Uint8Array>): Promise<void> {
  const tokenizer = await loadTokenizer(files);
  for (const text of TEXTS) {
    const ids = tokenizer.encode(text);
    for (const id of ids) {
      if (!Number.isSafeInteger(id) || id < 0) throw new Error(`an id is ${id}`);
    }
    if (typeof tokenizer.decode(ids) !== 'string') throw new Error('decode gives no text');
  }
}

const WORDS = [
  ...[
    'Sequence',
    'Split',
    'Regex',
    'String',
    'ByteLevel',
    'Metaspace',
    'NFKC',
    'Replace',
    'Strip',
    'Precompiled',
  ],
  ...[
    'BPE',
    'WordPiece',
    'Unigram',
    'WordLevel',
    'TemplateProcessing',
    'type',
    'pattern',
    'behavior',
    'content',
  ],
  ...['id', 'vocab', 'merges', 'unk_token', 'max_length', 'add_prefix_space', 'byte_fallback', 'special'],
];

export const TOKENIZER_JSON = folderTarget(
  'tokenizer-json',
  [
    'added-tokens',
    'bert-accents',
    'byte-bpe-nfkc',
    'clip-suffix',
    'gpt4-split',
    'llama-bpe',
    'metaspace-first',
    'split-behaviors',
    'template',
    'trunc-pad',
    'unigram-bytes',
    'wordlevel',
  ].map((name) => filesOf(`tokenizer-pipelines/${name}`)),
  encodeAndDecode,
  { words: WORDS },
);

export const TOKENIZER_FILES = folderTarget(
  'tokenizer-files',
  [
    'stories-tiny',
    ...['bert-vocab-txt', 'llmc', 'nanogpt', 'sp-bpe', 'sp-bpe-suffix', 'sp-unigram-bytes', 'tiktoken'].map(
      (name) => `tokenizer-files/${name}`,
    ),
  ].map(filesOf),
  encodeAndDecode,
  { words: WORDS },
);
