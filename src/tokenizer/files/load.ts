import { throwIfAborted } from '../../base/errors.js';
import { readJsonObject } from '../../files/quick_json.js';
import { readSmall } from '../../files/read_json.js';
import type { ModelSource } from '../../files/source.js';
import { TOKENIZER_MODELS } from '../models.js';
import { createTokenizer, type ReadTokenizer } from '../read_tokenizer.js';
import type { Tokenizer } from '../tokenizer.js';
import { SETTINGS_FILES, TOKENIZER_FILE } from './file_names.js';
import { tokenizerOfJson } from './of_json.js';
import { tokenizerParts, withNotes } from './parts.js';
import type { SettingsFile, SettingsFiles } from './settings.js';
import { textOfFile } from './text_file.js';

/**
 * Reads the tokenizer of a model: `tokenizer.json`, or the files of a tokenizer model such as `vocab.json`
 * and `merges.txt`, with `added_tokens.json`, `special_tokens_map.json` and `tokenizer_config.json` if they
 * are there.
 *
 * Throws `not-found` if the source has no tokenizer, `invalid-file` for a damaged one, `unsupported` for one
 * with parts that are not read, and `aborted`.
 */
export async function tokenizerFromSource(source: ModelSource, signal?: AbortSignal): Promise<Tokenizer> {
  return createTokenizer(await readTokenizer(source, signal));
}

/** Reads a tokenizer as `tokenizerFromSource` does. Throws as that does. */
export async function readTokenizer(source: ModelSource, signal?: AbortSignal): Promise<ReadTokenizer> {
  const files = new TextFiles(source, await source.list(signal), signal);
  const [added, special, config, template] = SETTINGS_FILES;
  const [create, addedTokens, specialTokensMap, tokenizerConfig, chatTemplate] = await Promise.all([
    readDefinition(files),
    files.settings(added),
    files.settings(special),
    files.settings(config),
    files.text(template),
  ]);
  throwIfAborted(signal, 'loading the tokenizer');
  return create({ addedTokens, specialTokensMap, tokenizerConfig, chatTemplate }, signal);
}

/** Makes the tokenizer of a definition that was read, with settings. */
type Create = (settings: SettingsFiles, signal: AbortSignal | undefined) => Promise<ReadTokenizer>;

/**
 * If a checkpoint has both forms, tokenizer.json is read: it alone names the normalizer and the
 * pre-tokenizer, and Hugging Face prefers it too.
 */
async function readDefinition(files: TextFiles): Promise<Create> {
  const text = await files.text(TOKENIZER_FILE);
  if (text !== undefined) {
    const file = files.label(TOKENIZER_FILE);
    const json = await readJsonObject(text, file);
    return (settings) => tokenizerOfJson(file, json, settings);
  }
  for (const { files: names, fromFiles } of TOKENIZER_MODELS) {
    const texts = await Promise.all(names.map((name) => files.text(name)));
    if (texts.includes(undefined)) continue;
    const definition = await fromFiles(
      texts.map((text, i) => ({ label: files.label(names[i]!), text: text! })),
    );
    return (settings) => withNotes(tokenizerParts(definition, settings));
  }
  const { readOtherFile } = await import('./other_files.js');
  return (settings, signal) => readOtherFile(files.source, settings, signal);
}

/** Reads the text files of a source whole. */
class TextFiles {
  readonly source: ModelSource;
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #signal: AbortSignal | undefined;

  constructor(
    source: ModelSource,
    listed: Awaited<ReturnType<ModelSource['list']>>,
    signal: AbortSignal | undefined,
  ) {
    this.source = source;
    this.#sizes = new Map(listed.map(({ path, byteLength }) => [path, byteLength]));
    this.#signal = signal;
  }

  /** The name of a file in messages. */
  label(path: string): string {
    return `${this.source.name}: ${path}`;
  }

  /** The text of a file, `undefined` if the source has none of this name. */
  async text(path: string): Promise<string | undefined> {
    const byteLength = this.#sizes.get(path);
    if (byteLength === undefined) return undefined;
    const bytes = await readSmall(this.source, { path, byteLength }, this.#signal);
    return textOfFile(this.label(path), bytes);
  }

  async settings(path: string): Promise<SettingsFile | undefined> {
    const text = await this.text(path);
    const file = this.label(path);
    return text === undefined ? undefined : { file, json: await readJsonObject(text, file) };
  }
}
