import { Gpt2Error } from '../../base/errors.js';
import type { RemoteFile } from './remote_file.js';

/** The name of the cache in the origin's storage. */
const CACHE_NAME = 'gpt2-wasm';
/** Header of a cached response with the version of its file: see `versionOf`. */
const VERSION_HEADER = 'etag';

/** A file that was downloaded before. */
export interface CachedFile {
  /** Address of the file. */
  readonly url: string;
  /** Size in bytes. */
  readonly byteLength: number;
  /** ETag of the file when it was downloaded; empty if the server sent none. */
  readonly version: string;
}

/**
 * Files that were downloaded, in the storage that pages and workers of one origin share (the Cache
 * interface).
 */
export class FileCache {
  readonly #cache: Cache;

  private constructor(cache: Cache) {
    this.#cache = cache;
  }

  /** `undefined` if the runtime has no such storage or refuses it to this origin. */
  static async open(): Promise<FileCache | undefined> {
    try {
      const cache = await globalThis.caches?.open(CACHE_NAME);
      // Edge runtimes have a response cache of this name, but it cannot list keys or keep files.
      await cache?.keys();
      return cache && new FileCache(cache);
    } catch {
      return undefined;
    }
  }

  /** The files whose address begins with `prefix`. */
  async list(prefix = ''): Promise<CachedFile[]> {
    const files: CachedFile[] = [];
    for (const { url } of await this.#cache.keys()) {
      const headers = url.startsWith(prefix) ? (await this.#cache.match(url))?.headers : undefined;
      if (!headers) continue;
      const byteLength = Number(headers.get('content-length'));
      files.push({ url, byteLength, version: headers.get(VERSION_HEADER) ?? '' });
    }
    return files;
  }

  async read(url: string): Promise<Blob | undefined> {
    return (await this.#cache.match(url))?.blob();
  }

  async delete(url: string): Promise<void> {
    await this.#cache.delete(url);
  }

  /** Stores a small file, unless there is no room. */
  async put(url: URL, content: Blob, version: string): Promise<void> {
    await this.#store(url, content, content.size, version).catch(() => {});
  }

  /**
   * Downloads a file into the cache, where it appears only once it is complete. Returns false if there is no
   * room for it. Throws as `RemoteFile.bytes`.
   */
  async download(
    { url, byteLength, version }: RemoteFile,
    chunks: AsyncGenerator<Uint8Array<ArrayBuffer>, void>,
  ): Promise<boolean> {
    let failure: unknown;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        try {
          const { done, value } = await chunks.next();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          failure = error;
          controller.error(error);
        }
      },
      async cancel() {
        await chunks.return();
      },
    });
    try {
      await this.#store(url, body, byteLength, version);
      return true;
    } catch {
      await chunks.return();
      if (failure instanceof Gpt2Error) throw failure;
      return false;
    }
  }

  #store(url: URL, body: BodyInit, byteLength: number, version: string): Promise<void> {
    const headers = { 'content-length': String(byteLength), [VERSION_HEADER]: version };
    return this.#cache.put(url.href, new Response(body, { headers }));
  }
}

/** Whether the origin may store so many more bytes; true if the runtime does not tell. */
export async function hasRoom(bytes: number): Promise<boolean> {
  const { quota, usage } = (await globalThis.navigator?.storage?.estimate?.().catch(() => undefined)) ?? {};
  return quota === undefined || usage === undefined || bytes <= quota - usage;
}
