import { type CachedFile, FileCache } from './file_cache.js';

export type { CachedFile };

/** The downloaded files that the origin's storage keeps; none if there is no such storage, as in Node. */
export async function cachedFiles(): Promise<CachedFile[]> {
  return (await FileCache.open())?.list() ?? [];
}

/** Deletes the downloaded files whose address begins so, by default all; gives those that were there. */
export async function deleteCachedFiles(address: string | URL = ''): Promise<CachedFile[]> {
  const cache = await FileCache.open();
  const files = (await cache?.list(String(address))) ?? [];
  for (const { url } of files) await cache!.delete(url);
  return files;
}
