import type { ModelFiles } from './model_files.js';
import type { ModelSource } from './source.js';
import type { WantedFiles } from './wanted_files.js';

/**
 * The place of a model: the address of a folder or a .gguf file (a path, a `file:` or `http:` URL); the id of a
 * model on the Hugging Face hub, `owner/name` or `owner/name:file.gguf`; files or bytes; or an object that
 * lists files and reads byte ranges.
 */
export type Source = string | URL | ModelFiles | ModelSource;

/** How models of another machine are found and kept. */
export interface SourceOptions {
  /** Branch, tag or commit of a model of the hub; default `main`. */
  readonly revision?: string | undefined;
  /**
   * Token for private and gated models of the hub, instead of the one in `HF_TOKEN` or in the hub's own file.
   * Used only where models go through the hub's cache: in Node, Deno and Bun.
   */
  readonly token?: string | undefined;
  /**
   * Keep downloads from a URL in the origin's storage, for the next time and for times without a network.
   * Default true. Without effect if there is no such storage, as in Node, or no room in it, and on the hub's
   * cache.
   */
  readonly cache?: boolean | undefined;
}

export const SOURCE_OPTION_NAMES: readonly string[] = [
  'revision',
  'token',
  'cache',
] satisfies (keyof SourceOptions)[];

/** Options for opening a source. */
export interface OpenOptions extends SourceOptions {
  /** The files that are looked for in it. */
  readonly wanted: WantedFiles;
  readonly signal?: AbortSignal | undefined;
}
