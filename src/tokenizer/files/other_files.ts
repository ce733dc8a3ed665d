import { Gpt2Error } from '../../base/errors.js';
import type { JsonObject } from '../../files/json_object.js';
import { readSmall } from '../../files/read_json.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import { isOther, type ReadTokenizer } from '../read_tokenizer.js';
import type { TokenizerParts } from '../tokenizer_parts.js';
import { tokenizerOfJson } from './of_json.js';
import { OTHER_FILES, RANKS } from './other_names.js';
import type { SettingsFiles } from './settings.js';
import { textOfFile } from './text_file.js';

/** A tokenizer in the form of a tokenizer.json. */
interface OtherTokenizer {
  readonly json: JsonObject;
  /** Tokens of roles that no settings name. */
  readonly roles?: JsonObject;
  /** Why texts cannot be encoded, if that is so. */
  readonly decodesOnly?: string | undefined;
}

/** Reads the content of a file; `settings` as in `effectiveSettings`. */
type Reader = (label: string, bytes: Uint8Array, settings: JsonObject) => Promise<OtherTokenizer>;

const sentencePiece: Reader = async (label, bytes, settings) => {
  // Some publish ranks under this name.
  if (/^[A-Za-z0-9+/]+={0,2} \d+\r?\n/.test(new TextDecoder('latin1').decode(bytes.subarray(0, 99)))) {
    return tiktoken(label, bytes, settings);
  }
  const { readSentencePiece } = await import('./sentencepiece_file.js');
  return readSentencePiece(label, bytes, settings);
};
const tiktoken: Reader = async (label, bytes, settings) => {
  const { readTiktoken } = await import('./tiktoken.js');
  return { json: readTiktoken({ label, text: textOfFile(label, bytes) }, settings) };
};
const vocabTxt: Reader = async (label, bytes, settings) => {
  const { readVocabTxt } = await import('./vocab_txt.js');
  return { json: readVocabTxt({ label, text: textOfFile(label, bytes) }, settings) };
};
const metaPickle: Reader = async (label, bytes) => {
  const { readMetaPickle } = await import('./meta_pickle.js');
  return { json: readMetaPickle(label, bytes) };
};
const llmc: Reader = async (label, bytes) => (await import('./llmc.js')).readLlmc(label, bytes);

const READERS: Readonly<Record<string, Reader>> = {
  '.model': sentencePiece,
  '.tiktoken': tiktoken,
  '.txt': vocabTxt,
  '.pkl': metaPickle,
  '.bin': llmc,
};

/**
 * Reads a tokenizer in a file other than tokenizer.json, vocab.json and merges.txt. Throws `not-found` if the
 * source has none, `invalid-file`, `unsupported` and `aborted`.
 */
export async function readOtherFile(
  source: ModelSource,
  files: SettingsFiles,
  signal?: AbortSignal,
): Promise<ReadTokenizer> {
  const settings = effectiveSettings(files);
  const listed = await source.list(signal);
  const file = otherFile(listed, settings.tokenizer_class);
  if (file === undefined) {
    const { noTokenizer } = await import('./no_tokenizer.js');
    throw noTokenizer(
      source.name,
      listed.map(({ path }) => path),
    );
  }
  const label = `${source.name}: ${file.path}`;
  const bytes = await readSmall(source, file, signal);
  const reader = READERS[/\.\w+$/.exec(file.path)![0]]!;
  const { json, roles, decodesOnly } = await reader(label, bytes, settings);
  const { tokenizerConfig = { file: label, json: {} } } = files;
  const config = { ...tokenizerConfig, json: { ...roles, ...tokenizerConfig.json } };
  const read = await tokenizerOfJson(label, json, { ...files, tokenizerConfig: config });
  return decodesOnly === undefined || isOther(read) ? read : withoutEncoder(read, decodesOnly);
}

/** A tokenizer that decodes, and whose `encode` throws `unsupported`. */
function withoutEncoder(parts: TokenizerParts, reason: string): TokenizerParts {
  const encode = () => {
    throw new Gpt2Error('unsupported', reason);
  };
  return { ...parts, createEncoder: () => ({ encode }), notes: [...parts.notes, reason] };
}

/** The file of a source that holds its tokenizer; of several, BERT's classes take vocab.txt. */
function otherFile(listed: readonly SourceFile[], tokenizerClass: unknown): SourceFile | undefined {
  const names =
    typeof tokenizerClass === 'string' && tokenizerClass.startsWith('Bert')
      ? ['vocab.txt', ...OTHER_FILES]
      : OTHER_FILES;
  for (const name of names) {
    const file = listed.find(({ path }) => path === name);
    if (file !== undefined) return file;
  }
  const ranks = listed.filter(({ path }) => RANKS.test(path));
  return ranks.length === 1 ? ranks[0] : undefined;
}

/** tokenizer_config.json with the token of each role that counts, as in transformers. */
function effectiveSettings({ tokenizerConfig, specialTokensMap }: SettingsFiles): JsonObject {
  const config = tokenizerConfig?.json ?? {};
  return 'added_tokens_decoder' in config ? config : { ...config, ...specialTokensMap?.json };
}
