import { Gpt2Error } from './errors.js';
import { parseHubId } from './hub/hub_url.js';
import { assertModelSource, type ModelSource } from './weights/source.js';

/**
 * Where a model is: the path or `file:` URL of a folder or a .gguf file; the id of a model on the Hugging Face hub,
 * `owner/name` or `owner/name:file.gguf`; or an object that lists files and reads byte ranges.
 */
export type Source = string | URL | ModelSource;

/** What only a model of the hub has. */
export interface HubOptions {
  /** Branch, tag or commit of a model of the hub; `main` where it is left out. */
  readonly revision?: string | undefined;
  /** Token for private and gated models of the hub, in place of the one in `HF_TOKEN` or in the hub's own file. */
  readonly token?: string | undefined;
}

/** The reader for a source. Throws `not-found`, `invalid-option`, and for a model of the hub `aborted` and `runtime`. */
export async function openSource(
  source: Source,
  options: HubOptions & { readonly signal?: AbortSignal | undefined } = {},
): Promise<ModelSource> {
  const id = typeof source === 'string' ? parseHubId(source) : undefined;
  if (id !== undefined) {
    const { isThere } = await import('./node/folder_source.js');
    if (!(await isThere(source as string))) {
      const { hubSource } = await import('./hub/hub_source.js');
      return hubSource(id, options);
    }
  }
  if (options.revision !== undefined) {
    throw new Gpt2Error(
      'invalid-option',
      'revision is only for models of the hub, which an id such as owner/name names',
    );
  }
  if (typeof source === 'string' || source instanceof URL) {
    const { folderSource } = await import('./node/folder_source.js');
    return folderSource(source);
  }
  assertModelSource(source);
  return source;
}
