import { isUrl } from './bytes.js';
import { invalidOption } from './check_options.js';
import { Gpt2Error } from './errors.js';
import { openHttp } from './http/open_http.js';
import { parseHubId } from './hub/hub_url.js';
import { type FileContent, filesByPath, type ModelFiles } from './model_files.js';
import { isThere, openHub, openPath } from './platform.js';
import type { ModelSource } from './weights/source.js';

/**
 * Where a model is: the address of a folder or a .gguf file (a path, a `file:` or `http:` URL); the id of a model on
 * the Hugging Face hub, `owner/name` or `owner/name:file.gguf`; files at hand; or an object that lists files and reads
 * byte ranges.
 */
export type Source = string | URL | ModelFiles | ModelSource;

/** How models of another machine are found and kept. */
export interface SourceOptions {
  /** Branch, tag or commit of a model of the hub; `main` where it is left out. */
  readonly revision?: string | undefined;
  /**
   * Token for private and gated models of the hub, in place of the one in `HF_TOKEN` or in the hub's own file. Only
   * where models go through the hub's cache: in Node, Deno and Bun.
   */
  readonly token?: string | undefined;
  /**
   * Keep what is downloaded from a URL in the origin's storage, for the next time and for when there is no network.
   * Default true; without effect where there is no such storage, as in Node, or no room in it, and on the hub's cache.
   */
  readonly cache?: boolean | undefined;
}

export const SOURCE_OPTION_NAMES: readonly string[] = [
  'revision',
  'token',
  'cache',
] satisfies (keyof SourceOptions)[];

/** What is looked for in a source. */
export type SourceKind = 'model' | 'tokenizer' | 'adapter';

/** What opens a source. */
export interface OpenOptions extends SourceOptions {
  /** What the source must be, by default a model: it decides which files a server without a listing is asked for. */
  readonly kind?: SourceKind | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The reader for a source. Throws `not-found`, `invalid-option`, and for a model of the hub `network`, `invalid-file`,
 * `aborted` and `runtime`.
 */
async function openSource(source: Source, options: OpenOptions = {}): Promise<ModelSource> {
  const { revision, cache } = options;
  if (cache !== undefined && typeof cache !== 'boolean') throw invalidOption('cache', cache, 'true or false');
  const id = typeof source === 'string' ? parseHubId(source) : undefined;
  if (id !== undefined && !(await isThere(source as string))) return openHub(id, options);
  if (revision !== undefined) {
    throw new Gpt2Error(
      'invalid-option',
      'revision is only for models of the hub, which an id such as owner/name names',
    );
  }
  if (typeof source === 'string' || isUrl(source)) {
    const isHttp = /^https?:\/\//i.test(String(source)) && URL.canParse(source);
    return isHttp ? openHttp(new URL(source), options) : openPath(source, options);
  }
  const files = filesByPath(source);
  if (files?.size === 0) {
    throw new Gpt2Error(
      'not-found',
      'the list of files is empty; give the files of a model, or one .gguf file',
    );
  }
  if (files !== undefined) return openFiles(files);
  // Few programs read files in a way of their own, so that this code comes only then.
  const { checkedSource } = await import('./weights/checked_source.js');
  return checkedSource(source);
}

/** Files at hand; most models come over the network, so that this code comes only when it is needed. */
export async function openFiles(files: ReadonlyMap<string, FileContent>): Promise<ModelSource> {
  const { blobSource } = await import('./blob_source.js');
  return blobSource(files);
}

/** Opens a source, uses it, and closes it where it was opened here. */
export async function withSource<R>(
  source: Source,
  options: OpenOptions,
  use: (files: ModelSource) => Promise<R>,
): Promise<R> {
  const files = await openSource(source, options);
  try {
    return await use(files);
  } finally {
    await files.close?.();
  }
}
