import { symbolsOf } from '../bpe/byte_alphabet.js';
import type { TokenTable } from '../token_table.js';
import type { TokenizerParts } from '../tokenizer_parts.js';
import { addedTokenFlags, settingsFiles } from './write_settings.js';

/** The files of a tokenizer by name, in the form that Hugging Face's tokenizers and transformers read. */
export function tokenizerFiles(parts: TokenizerParts): Record<string, string> {
  const { tokens, merges, addedTokens, addPrefixSpace } = parts;
  const added = new Map(addedTokens.map((token) => [token.id, token.content]));
  const texts = vocabularyTexts(tokens, added);
  const vocabulary = [...texts].map(([id, text]) => `${JSON.stringify(text)}: ${id}`);
  const mergeLines = Array.from({ length: merges.size }, (_, rank) => {
    const [left, right] = merges.pair(rank);
    return `${texts.get(left)} ${texts.get(right)}`;
  });
  const nameOf = (id: number | undefined) => (id === undefined ? null : (added.get(id) ?? texts.get(id)!));
  const unknown = parts.unknownTokenId;

  const flags = addedTokens.map(addedTokenFlags);
  const byteLevel = {
    type: 'ByteLevel',
    add_prefix_space: addPrefixSpace,
    trim_offsets: true,
    use_regex: true,
  };
  const head = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: flags,
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: { ...byteLevel, trim_offsets: false },
    decoder: byteLevel,
    ...parts.kept.unread,
  };
  const model = {
    type: 'BPE',
    dropout: null,
    unk_token: nameOf(unknown),
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: parts.fuseUnknown,
    byte_fallback: false,
    ignore_merges: parts.ignoreMerges,
  };
  // The vocabulary is inserted as text: keys of an object that look like numbers would come first.
  const modelFields = JSON.stringify(model, undefined, 2).slice(2, -2);
  const list = (items: readonly string[]) => items.map((item) => `\n  ${item}`).join(',');
  return {
    'tokenizer.json': `${JSON.stringify(head, undefined, 2).slice(0, -2)},
"model": {
${modelFields},
"vocab": {${list(vocabulary)}
},
"merges": [${list(mergeLines.map((line) => JSON.stringify(line)))}
]}}\n`,
    'vocab.json': `{${vocabulary.join(', ')}}`,
    'merges.txt': `#version: 0.2\n${mergeLines.map((line) => `${line}\n`).join('')}`,
    ...settingsFiles(parts.kept, flags, {
      ...{ bos: nameOf(parts.bosTokenId), eos: nameOf(parts.eosTokenId), addPrefixSpace },
    }),
  };
}

/**
 * The text of each id in the vocabulary: of all tokens except those that are only in the list of added
 * tokens.
 */
function vocabularyTexts(tokens: TokenTable, added: ReadonlyMap<number, string>): Map<number, string> {
  const texts = new Map<number, string>();
  for (let id = 0; id < tokens.size; id++) {
    const start = tokens.starts[id]!;
    if (start === -1) continue;
    const end = tokens.ends[id]!;
    const bytes = tokens.bytes.subarray(start, end);
    // A token that is not found by its bytes was given as plain text, not in the byte alphabet.
    if (tokens.find(tokens.bytes, start, end) === id) texts.set(id, symbolsOf(bytes));
    else if (!added.has(id)) texts.set(id, new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
  }
  return texts;
}
