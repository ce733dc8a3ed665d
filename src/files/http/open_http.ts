import type { ModelSource } from '../source.js';
import type { OpenOptions } from '../source_options.js';

/**
 * Opens an address; what reads from servers comes with the first one, for whoever has files at hand needs
 * none of it.
 */
export async function openHttp(url: URL, options: OpenOptions): Promise<ModelSource> {
  const { HttpSource } = await import('./http_source.js');
  return new HttpSource(url, options);
}
