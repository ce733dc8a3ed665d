import { invalidOption } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { failureOf } from '../base/failure.js';
import { isUrl } from '../base/realms.js';
import { openHttp } from './http/open_http.js';
import { parseHubId } from './hub/hub_url.js';
import { isThere, openHub, openPath } from './platform.js';
import type { ModelSource } from './source.js';
import type { OpenOptions, Source } from './source_options.js';

/**
 * The reader for a source. Throws `not-found`, `invalid-option`, and for a model of the hub `network`,
 * `invalid-file`, `aborted` and `runtime`.
 */
async function openSource(source: Source, options: OpenOptions): Promise<ModelSource> {
  const { revision, cache } = options;
  if (cache !== undefined && typeof cache !== 'boolean') throw invalidOption('cache', cache, 'true or false');
  const id = typeof source === 'string' ? parseHubId(source) : undefined;
  if (id !== undefined && !(await isThere(source as string))) return openHub(id, options);
  if (revision !== undefined) {
    throw new Gpt2Error('invalid-option', 'revision is only for models of the hub, such as owner/name');
  }
  if (typeof source === 'string' || isUrl(source)) {
    const isHttp = /^https?:\/\//i.test(String(source)) && URL.canParse(source);
    return isHttp ? openHttp(new URL(source), options) : openPath(source, options);
  }
  // Loaded on demand, since most models have an address.
  const { givenSource } = await import('./given_source.js');
  return givenSource(source);
}

/** Opens a source, uses it, and closes it if it was opened here. */
export async function withSource<R>(
  source: Source,
  options: OpenOptions,
  use: (files: ModelSource) => Promise<R>,
): Promise<R> {
  const files = await openSource(source, options);
  try {
    return await use(files);
  } catch (error) {
    throw await failureOf(error);
  } finally {
    await files.close?.();
  }
}
