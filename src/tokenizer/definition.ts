import { Gpt2Error } from '../errors.js';
import { isJsonObject, type JsonObject, parseJsonObject } from './json.js';
import { JsonTexts, type Texts } from './texts.js';
import type { VocabularyEntries } from './token_table.js';

/** What the files of a byte-level BPE say, as they spell it and before its parts are checked. */
export interface BpeDefinition extends VocabularyEntries {
  /** The id of a text, as the vocabulary spells it. */
  readonly idOf: (text: string) => number | undefined;
  /** "left right" in the order of their ranks. */
  readonly merges: Texts;
  /** Names merge i in a message. */
  readonly mergePosition: (index: number) => string;
  /** `{ id, content, special, lstrip, rstrip, single_word }` */
  readonly addedTokens: readonly unknown[];
  readonly addPrefixSpace: boolean;
  /** Stands for bytes that have no token. */
  readonly unknownToken: string | undefined;
}

/** The definition in vocab.json and merges.txt. */
export function readVocabAndMerges(
  vocabFile: string,
  vocab: string,
  mergesFile: string,
  merges: string,
): BpeDefinition {
  const lines = merges.split(merges.includes('\r') ? /\r?\n/ : '\n');
  while (lines.at(-1) === '') lines.pop();
  // A merge may begin with "#", so only the version line is no merge.
  const headerLines = lines[0]?.startsWith('#version') ? 1 : 0;
  return {
    ...vocabularyEntries(vocabFile, parseJsonObject(vocabFile, vocab)),
    merges: new JsonTexts(lines.slice(headerLines)),
    mergePosition: (index) => `${mergesFile} line ${index + headerLines + 1}`,
    addedTokens: [],
    addPrefixSpace: false,
    unknownToken: undefined,
  };
}

/**
 * The definition in tokenizer.json. Its post-processor, truncation and padding are no concern of encoding
 * a text. Throws `unsupported` for what would need anything but GPT-2's byte-level BPE.
 */
export function readTokenizerJson(file: string, text: string): BpeDefinition {
  const json = parseJsonObject(file, text);
  const { model, normalizer, pre_tokenizer: preTokenizer } = json;
  const refuse = (what: string) =>
    new Gpt2Error('unsupported', `${file}: ${what} is not supported, only GPT-2's byte-level BPE is`);
  if (!isJsonObject(model)) throw new Gpt2Error('invalid-file', `${file} has no model object`);
  // Files of older versions leave the type out.
  if (model.type !== undefined && model.type !== 'BPE') throw refuse(`the model ${typeName(model)}`);
  if (normalizer !== undefined && normalizer !== null) throw refuse(`the normalizer ${typeName(normalizer)}`);
  if (typeName(preTokenizer) !== 'ByteLevel') throw refuse(`the pre-tokenizer ${typeName(preTokenizer)}`);
  const { add_prefix_space: addPrefixSpace, use_regex: useRegex } = preTokenizer as JsonObject;
  if (useRegex === false)
    throw refuse('a ByteLevel pre-tokenizer without its split pattern (use_regex: false)');
  for (const setting of [
    'dropout',
    'continuing_subword_prefix',
    'end_of_word_suffix',
    'fuse_unk',
    'byte_fallback',
    'ignore_merges',
  ]) {
    if (model[setting]) throw refuse(`the model's ${setting} = ${JSON.stringify(model[setting])}`);
  }
  if (!isJsonObject(model.vocab)) throw new Gpt2Error('invalid-file', `${file}: model.vocab is no object`);
  if (!Array.isArray(model.merges)) throw new Gpt2Error('invalid-file', `${file}: model.merges is no array`);
  const addedTokens = json.added_tokens ?? [];
  if (!Array.isArray(addedTokens)) throw new Gpt2Error('invalid-file', `${file}: added_tokens is no array`);
  return {
    ...vocabularyEntries(file, model.vocab),
    merges: new JsonTexts(model.merges),
    mergePosition: (index) => `${file} model.merges[${index}]`,
    addedTokens,
    addPrefixSpace: addPrefixSpace === true,
    unknownToken: typeof model.unk_token === 'string' ? model.unk_token : undefined,
  };
}

/** A vocabulary that is an object from texts to ids. */
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

function typeName(part: unknown): string {
  return isJsonObject(part) && typeof part.type === 'string' ? part.type : JSON.stringify(part ?? null);
}
