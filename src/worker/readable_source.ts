import type { Source } from '../files/source_options.js';
import type { WireSource } from './protocol.js';

/** A source as it came from the owner: files come as a map; what reads them is loaded on demand, since most models have an address. */
export async function readable(source: WireSource): Promise<Source> {
  if (typeof source === 'string') return source;
  const { blobSource } = await import('../files/blob_source.js');
  return blobSource(source);
}
