import type { ModelSource } from '../source.js';
import type { OpenOptions } from '../source_options.js';

/**
 * Opens an address. The code that reads from servers is loaded with the first address, because a page that
 * opens other sources does not need it.
 */
export async function openHttp(url: URL, options: OpenOptions): Promise<ModelSource> {
  const { HttpSource } = await import('./http_source.js');
  return new HttpSource(url, options);
}
