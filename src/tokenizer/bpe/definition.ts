import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { readJsonObject } from '../../files/quick_json.js';
import { steps, typeName } from '../files/steps.js';
import type { TextFile } from '../files/text_file.js';
import { JsonTexts, type Texts } from '../texts.js';
import type { VocabularyEntries } from '../token_table.js';
import { PLAIN_BPE } from './plain_bpe.js';

/** The content of the files of a byte-level BPE, before its parts are checked. */
export interface BpeDefinition extends VocabularyEntries {
  /** The id of a text in the vocabulary. */
  readonly idOf: (text: string) => number | undefined;
  /** Each "left right", in the order of the ranks. */
  readonly merges: Texts;
  /** Names merge i in a message. */
  readonly mergePosition: (index: number) => string;
  /** `{ id, content, special, lstrip, rstrip, single_word, normalized }` */
  readonly addedTokens: readonly unknown[];
  readonly addPrefixSpace: boolean;
  /** The token for bytes that have none; they are left out if it is undefined. */
  readonly unknownToken: string | undefined;
  /** A run of bytes without tokens becomes one unknown token. */
  readonly fuseUnknown: boolean;
  /** A piece that is in the vocabulary becomes that token, without merging. */
  readonly ignoreMerges: boolean;
  /** Parts of tokenizer.json that encoding does not need; they are written again. */
  readonly unread: JsonObject;
}

/** The definition in vocab.json and merges.txt. */
export async function fromFiles([vocabulary, { label, text: merges }]: readonly [
  TextFile,
  TextFile,
]): Promise<BpeDefinition> {
  const lines = merges.split(merges.includes('\r') ? /\r?\n/ : '\n');
  while (lines.at(-1) === '') lines.pop();
  // A merge may begin with "#", so only the version line is no merge.
  const headerLines = lines[0]?.startsWith('#version') ? 1 : 0;
  return {
    ...vocabularyEntries(vocabulary.label, await readJsonObject(vocabulary.text, vocabulary.label)),
    merges: new JsonTexts(lines.slice(headerLines)),
    mergePosition: (index) => `${label} line ${index + headerLines + 1}`,
    addedTokens: [],
    ...PLAIN_BPE,
  };
}

/**
 * The definition in tokenizer.json; undefined for one of another kind than GPT-2's byte-level BPE. Its post-processor,
 * truncation and padding do not affect `encode`. Throws `invalid-file`.
 */
export async function fromJson(file: string, json: JsonObject): Promise<BpeDefinition | undefined> {
  const { normalizer, pre_tokenizer: preTokenizer, decoder } = json;
  const model = json.model as JsonObject;
  // Older versions wrote no type.
  const isOther = (model.type ?? 'BPE') !== 'BPE' || steps(normalizer).length > 0;
  const isChanged = ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix'].some(
    (name) => model[name],
  );
  if (isOther || isChanged || typeName(decoder ?? BYTE_LEVEL) !== 'ByteLevel') return undefined;
  const split = await readSplit(preTokenizer);
  if (split === undefined) return undefined;
  if (!isJsonObject(model.vocab)) throw new Gpt2Error('invalid-file', `${file}: model.vocab is no object`);
  if (model.byte_fallback === true && BYTE_TOKEN in model.vocab) return undefined;
  if (!Array.isArray(model.merges)) throw new Gpt2Error('invalid-file', `${file}: model.merges is no array`);
  const addedTokens = json.added_tokens ?? [];
  if (!Array.isArray(addedTokens)) throw new Gpt2Error('invalid-file', `${file}: added_tokens is no array`);
  return {
    ...vocabularyEntries(file, model.vocab),
    merges: new JsonTexts(model.merges),
    mergePosition: (index) => `${file} model.merges[${index}]`,
    addedTokens,
    addPrefixSpace: split.addPrefixSpace,
    unknownToken: typeof model.unk_token === 'string' ? model.unk_token : undefined,
    fuseUnknown: model.fuse_unk === true,
    ignoreMerges: model.ignore_merges === true,
    unread: unreadParts(json),
  };
}

/**
 * As `readPreTokenizer`, whose code is loaded only for forms other than ByteLevel alone, which nearly all
 * files have.
 */
async function readSplit(part: unknown) {
  if (isJsonObject(part) && part.type === 'ByteLevel' && part.use_regex !== false) {
    return { addPrefixSpace: part.add_prefix_space === true };
  }
  const { readPreTokenizer } = await import('../pretokenize/split_form.js');
  return readPreTokenizer(part);
}

const BYTE_LEVEL = { type: 'ByteLevel' };
/** A vocabulary with tokens for `byte_fallback` has all 256 of them, such as this one. */
const BYTE_TOKEN = '<0x00>';

/** The parts of tokenizer.json that are kept: a post-processor that changes anything, truncation and padding. */
export function unreadParts({ post_processor: postProcessor, truncation, padding }: JsonObject): JsonObject {
  const isIdle =
    isJsonObject(postProcessor) &&
    typeName(postProcessor) === 'ByteLevel' &&
    postProcessor.trim_offsets === false;
  return {
    ...(postProcessor != null && !isIdle && { post_processor: postProcessor }),
    ...(truncation != null && { truncation }),
    ...(padding != null && { padding }),
  };
}

/** The entries of a vocabulary that is an object from texts to ids. */
export function vocabularyEntries(file: string, vocabulary: JsonObject) {
  const texts = Object.keys(vocabulary);
  return {
    file,
    texts: new JsonTexts(texts),
    ids: texts.map((text) => vocabulary[text]),
    idOf(text: string): number | undefined {
      const id = vocabulary[text];
      return typeof id === 'number' ? id : undefined;
    },
  };
}
