import type { OpenOptions } from '../open_source.js';
import type { ModelSource } from '../weights/source.js';

/** Opens an address; what reads from servers comes with the first one, for whoever has files at hand needs none of it. */
export async function openHttp(url: URL, options: OpenOptions): Promise<ModelSource> {
  const { HttpSource } = await import('./http_source.js');
  return new HttpSource(url, options);
}
