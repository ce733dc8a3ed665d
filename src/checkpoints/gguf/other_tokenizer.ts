import { Gpt2Error } from '../../base/errors.js';
import type { JsonObject } from '../../files/json_object.js';
import { tokenizerOfJson } from '../../tokenizer/files/of_json.js';
import type { SettingsFiles } from '../../tokenizer/files/settings.js';
import { wordPieceJson } from '../../tokenizer/files/vocab_txt.js';
import type { ReadTokenizer } from '../../tokenizer/read_tokenizer.js';
import { BYTE, SPACE_SYMBOL, UNKNOWN } from '../../tokenizer/sentencepiece/definition.js';
import { sentencePieceJson } from '../../tokenizer/sentencepiece/json.js';
import type { Metadata } from './metadata.js';
import { SPLIT_PATTERNS } from './split_patterns.js';
import { CONTROL, NORMAL, SAME_IN_BOTH, UNUSED, USER_DEFINED } from './token_types.js';

/** A value of tokenizer.ggml.token_type. */
const UNDEFINED = 0;

/** Values of tokenizer.ggml.model. */
const KINDS: ReadonlyMap<string, (tokens: GgufTokens) => JsonObject> = new Map([
  ['gpt2', splitBpe],
  ['llama', (tokens) => sentencePiece(tokens, 'bpe', true)],
  ['t5', (tokens) => sentencePiece(tokens, 'unigram', false)],
  ['bert', wordPiece],
]);

/** The tokens in the metadata of a GGUF file. */
interface GgufTokens {
  readonly where: string;
  readonly metadata: Metadata;
  readonly texts: readonly string[];
  readonly types: readonly number[];
}

/** A tokenizer in the metadata of a GGUF file that is not GPT-2's. Throws as `ggufTokenizerJson`. */
export async function otherTokenizer(
  metadata: Metadata,
  where: string,
  settings: SettingsFiles,
): Promise<ReadTokenizer> {
  return tokenizerOfJson(where, ggufTokenizerJson(metadata, where), settings);
}

/**
 * The tokenizer.json of a tokenizer in the metadata of a GGUF file: SentencePiece's (llama, t5), WordPiece
 * (bert), or byte-level BPE that splits texts in another way than GPT-2. Throws `invalid-file`, and
 * `unsupported` for other kinds.
 */
function ggufTokenizerJson(metadata: Metadata, where: string): JsonObject {
  const model = metadata.text('tokenizer.ggml.model') ?? '';
  const read = KINDS.get(model);
  if (read === undefined) {
    const known = [...KINDS.keys()].join(', ');
    throw new Gpt2Error('unsupported', `${where}: tokenizer.ggml.model is "${model}"; ${known} are read`);
  }
  const texts = metadata.texts('tokenizer.ggml.tokens');
  if (texts === undefined)
    throw new Gpt2Error('invalid-file', `${where}: the tokenizer has no tokenizer.ggml.tokens`);
  const types = metadata.wholes('tokenizer.ggml.token_type') ?? new Array(texts.length).fill(NORMAL);
  if (types.length !== texts.length) {
    throw new Gpt2Error(
      'invalid-file',
      `${where}: tokenizer.ggml.token_type has ${types.length} entries for ${texts.length} tokens`,
    );
  }
  return read({ where, metadata, texts: [...texts], types });
}

/** Byte-level BPE whose pieces are those of other patterns. */
function splitBpe({ where, metadata, texts, types }: GgufTokens): JsonObject {
  const name = metadata.text('tokenizer.ggml.pre') ?? 'gpt-2';
  const split = SPLIT_PATTERNS.get(name);
  if (split === undefined) {
    throw new Gpt2Error(
      'unsupported',
      `${where}: tokenizer.ggml.pre is "${name}", a way to split texts that is not read; ${[...SPLIT_PATTERNS.keys()].join(', ')} are`,
    );
  }
  const merges = metadata.texts('tokenizer.ggml.merges');
  if (merges === undefined)
    throw new Gpt2Error('invalid-file', `${where}: the tokenizer has no tokenizer.ggml.merges`);
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
  const splits = split.patterns.map((pattern) => ({
    ...{ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
  }));
  const ids = new Map<string, number>();
  for (const [id, text] of texts.entries()) {
    const isAdded = types[id] === CONTROL || types[id] === USER_DEFINED;
    if (types[id] !== UNUSED && (!isAdded || SAME_IN_BOTH.test(text))) ids.set(text, id);
  }
  return {
    ...{ version: '1.0', truncation: null, padding: null, added_tokens: addedTokens(texts, types) },
    normalizer: null,
    pre_tokenizer:
      splits.length === 0
        ? { ...byteLevel, use_regex: true }
        : { type: 'Sequence', pretokenizers: [...splits, byteLevel] },
    ...{ post_processor: { ...byteLevel, trim_offsets: false }, decoder: byteLevel },
    model: {
      ...{ type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null },
      ...{ end_of_word_suffix: null, fuse_unk: false, byte_fallback: false },
      ignore_merges: split.ignoreMerges === true,
      vocab: Object.fromEntries(ids),
      merges: [...merges],
    },
  };
}

function addedTokens(texts: readonly string[], types: readonly number[]): JsonObject[] {
  return texts.flatMap((content, id) =>
    types[id] !== CONTROL && types[id] !== USER_DEFINED
      ? []
      : [
          {
            ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false },
            special: types[id] === CONTROL,
          },
        ],
  );
}

function sentencePiece(
  { where, metadata, texts, types: stored }: GgufTokens,
  modelType: 'bpe' | 'unigram',
  addsPrefix: boolean,
): JsonObject {
  const scores = new Map(metadata.under('tokenizer.ggml.scores')).get('tokenizer.ggml.scores');
  if (!isNumbers(scores) || scores.length !== texts.length) {
    throw new Gpt2Error('invalid-file', `${where}: tokenizer.ggml.scores has no score for each token`);
  }
  const unknown = metadata.whole('tokenizer.ggml.unknown_token_id') ?? Math.max(0, stored.indexOf(UNKNOWN));
  const types = stored.map((type, id) => {
    if (id === unknown) return UNKNOWN;
    return type === UNKNOWN ? CONTROL : type === UNDEFINED ? NORMAL : type;
  });
  const charsmap = metadata.wholes('tokenizer.ggml.precompiled_charsmap') ?? [];
  return sentencePieceJson(
    {
      before: [],
      definition: {
        modelType,
        pieces: texts,
        scores: Float32Array.from(scores),
        types: Uint8Array.from(types),
        byteFallback: types.includes(BYTE),
        addDummyPrefix: metadata.flag('tokenizer.ggml.add_space_prefix') ?? addsPrefix,
        removeExtraWhitespaces: metadata.flag('tokenizer.ggml.remove_extra_whitespaces') ?? false,
        escapeWhitespaces: true,
        treatWhitespaceAsSuffix: false,
        charsmap: Uint8Array.from(charsmap),
        unknownSurface: ' \u2047 ',
      },
    },
    null,
  );
}

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');

/** In GGUF, a token that begins a word begins with a space symbol, and one that continues it has no ##. */
function wordPiece({ where, metadata, texts, types }: GgufTokens): JsonObject {
  const tokens = texts.map((text, id) => {
    if (types[id] === CONTROL || types[id] === UNUSED) return text;
    if (text.startsWith(SPACE_SYMBOL)) return text.slice(SPACE_SYMBOL.length);
    return /^\[.*\]$/.test(text) ? text : `##${text}`;
  });
  const nameOf = (key: string) => {
    const id = metadata.whole(`tokenizer.ggml.${key}_token_id`);
    return id === undefined ? undefined : texts[id];
  };
  const roles = {
    ...{ unk_token: nameOf('unknown'), pad_token: nameOf('padding'), mask_token: nameOf('mask') },
    ...{ cls_token: nameOf('cls') ?? nameOf('bos'), sep_token: nameOf('seperator') ?? nameOf('eos') },
  };
  const isCased = texts.some((text, id) => types[id] === NORMAL && /^\u2581[A-Z]/.test(text));
  return wordPieceJson(where, tokens, { ...roles, do_lower_case: !isCased });
}
