import type { JsonObject } from '../../files/json_object.js';
import { contentOf } from '../added_tokens.js';
import { symbolsOf } from '../bpe/byte_alphabet.js';
import type { TokenTable } from '../token_table.js';
import type { TokenizerParts } from '../tokenizer_parts.js';

/** The files of a tokenizer by name, in the form that Hugging Face's tokenizers and transformers read. */
export function tokenizerFiles(parts: TokenizerParts): Record<string, string> {
  const { tokens, merges, addedTokens, addPrefixSpace } = parts;
  const { settings, specialTokensMap, chatTemplate, unread } = parts.kept;
  const added = new Map(addedTokens.map((token) => [token.id, token.content]));
  const texts = vocabularyTexts(tokens, added);
  const vocabulary = [...texts].map(([id, text]) => `${JSON.stringify(text)}: ${id}`);
  const mergeLines = Array.from({ length: merges.size }, (_, rank) => {
    const [left, right] = merges.pair(rank);
    return `${texts.get(left)} ${texts.get(right)}`;
  });
  const nameOf = (id: number | undefined) => (id === undefined ? null : (added.get(id) ?? texts.get(id)!));
  const unknown = parts.unknownTokenId;

  const flags = addedTokens.map(({ id, content, singleWord, lstrip, rstrip, normalized, special }) => ({
    ...{ id, content, single_word: singleWord, lstrip, rstrip, normalized, special },
  }));
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
    ...unread,
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
  const config: JsonObject = {
    ...omitted(settings, OF_OTHER_FILES),
    add_prefix_space: addPrefixSpace,
    added_tokens_decoder: Object.fromEntries(flags.map(({ id, ...flag }) => [id, flag])),
    bos_token: nameOf(parts.bosTokenId),
    eos_token: nameOf(parts.eosTokenId),
    unk_token: settings.unk_token ?? null,
    tokenizer_class: CLASSES.includes(settings.tokenizer_class) ? settings.tokenizer_class : 'GPT2Tokenizer',
  };
  // The map keeps its own form of a role's token, unless it is a different token.
  const mapped = Object.entries(specialTokensMap ?? {})
    .filter(([role, token]) => Object.hasOwn(config, role) && contentOf(token) !== contentOf(config[role]))
    .map(([role]) => role);
  const map = { ...specialTokensMap, ...Object.fromEntries(mapped.map((role) => [role, config[role]])) };
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
    'tokenizer_config.json': `${JSON.stringify(config, undefined, 2)}\n`,
    ...(specialTokensMap && { 'special_tokens_map.json': `${JSON.stringify(map, undefined, 2)}\n` }),
    ...(chatTemplate !== undefined && { 'chat_template.jinja': chatTemplate }),
  };
}

/** Classes of transformers that read these files as GPT2Tokenizer does. */
const CLASSES: readonly unknown[] = [
  ...['GPT2Tokenizer', 'GPT2TokenizerFast', 'PreTrainedTokenizerFast', 'TokenizersBackend'],
];

/** Settings that name files which are not written: Python code, and the origin of the tokenizer. */
const OF_OTHER_FILES = ['auto_map', 'name_or_path', 'special_tokens_map_file', 'tokenizer_file'];

function omitted(settings: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
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
