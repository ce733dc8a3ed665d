import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { CHAT_TEMPLATE_FILE, FOREIGN_TOKENIZERS } from '../../files/file_names.js';
import { parseJsonObject } from '../../files/json.js';
import { readSmall } from '../../files/read_json.js';
import type { ModelSource } from '../../files/source.js';
import { Tokenizer } from '../tokenizer.js';
import type { TokenizerParts } from '../tokenizer_parts.js';
import { type BpeDefinition, readTokenizerJson, readVocabAndMerges } from './definition.js';
import { tokenizerParts } from './parts.js';
import type { SettingsFile } from './settings.js';

/**
 * Reads the tokenizer of a model: `tokenizer.json`, or `vocab.json` and `merges.txt`, with
 * `added_tokens.json`, `special_tokens_map.json` and `tokenizer_config.json` where they are present.
 *
 * Throws `not-found` when the source has no tokenizer, `invalid-file` for a damaged one, `unsupported` for one
 * that is not GPT-2's byte-level BPE, and `aborted`.
 */
export async function tokenizerFromSource(source: ModelSource, signal?: AbortSignal): Promise<Tokenizer> {
  return new Tokenizer(await readTokenizerParts(source, signal));
}

/** The parts of the tokenizer that `tokenizerFromSource` makes. Throws as that does. */
export async function readTokenizerParts(source: ModelSource, signal?: AbortSignal): Promise<TokenizerParts> {
  const files = new TokenizerFiles(source, await source.list(signal), signal);
  const [definition, addedTokens, specialTokensMap, tokenizerConfig, chatTemplate] = await Promise.all([
    readDefinition(files),
    files.settings('added_tokens.json'),
    files.settings('special_tokens_map.json'),
    files.settings('tokenizer_config.json'),
    files.text(CHAT_TEMPLATE_FILE),
  ]);
  throwIfAborted(signal, 'loading the tokenizer');
  return tokenizerParts(definition, { addedTokens, specialTokensMap, tokenizerConfig, chatTemplate });
}

/**
 * tokenizer.json comes first where a checkpoint has both forms: it alone says which normalizer and
 * pre-tokenizer the model was trained with, and Hugging Face loads it first too.
 */
async function readDefinition(files: TokenizerFiles): Promise<BpeDefinition> {
  const tokenizerJson = await files.text('tokenizer.json');
  if (tokenizerJson !== undefined) return readTokenizerJson(files.label('tokenizer.json'), tokenizerJson);
  const [vocab, merges] = await Promise.all([files.text('vocab.json'), files.text('merges.txt')]);
  if (vocab !== undefined && merges !== undefined) {
    return readVocabAndMerges(files.label('vocab.json'), vocab, files.label('merges.txt'), merges);
  }
  throw files.noTokenizer();
}

/** The small files of one source, read whole. */
class TokenizerFiles {
  readonly #source: ModelSource;
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #signal: AbortSignal | undefined;

  constructor(
    source: ModelSource,
    listed: Awaited<ReturnType<ModelSource['list']>>,
    signal: AbortSignal | undefined,
  ) {
    this.#source = source;
    this.#sizes = new Map(listed.map(({ path, byteLength }) => [path, byteLength]));
    this.#signal = signal;
  }

  /** What messages call a file. */
  label(path: string): string {
    return `${this.#source.name}: ${path}`;
  }

  /** The text of a file, `undefined` when the source has none of this name. */
  async text(path: string): Promise<string | undefined> {
    const byteLength = this.#sizes.get(path);
    if (byteLength === undefined) return undefined;
    const bytes = await readSmall(this.#source, { path, byteLength }, this.#signal);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (cause) {
      throw new Gpt2Error('invalid-file', `${this.label(path)} is not UTF-8 text`, { cause });
    }
  }

  async settings(path: string): Promise<SettingsFile | undefined> {
    const text = await this.text(path);
    const file = this.label(path);
    return text === undefined ? undefined : { file, json: parseJsonObject(text, file) };
  }

  noTokenizer(): Gpt2Error {
    const { name } = this.#source;
    for (const [path, kind] of FOREIGN_TOKENIZERS) {
      if (!this.#sizes.has(path)) continue;
      const file = this.label(path);
      return new Gpt2Error('unsupported', `${file} is a ${kind} tokenizer; only byte-level BPE is supported`);
    }
    const lacking = ['vocab.json', 'merges.txt'].filter((path) => !this.#sizes.has(path)).join(' and ');
    return new Gpt2Error(
      'not-found',
      `${name} has no tokenizer: it needs tokenizer.json, or vocab.json and merges.txt; it lacks ${lacking}`,
    );
  }
}
