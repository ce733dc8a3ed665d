import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { Mutex } from '../../base/mutex.js';
import { isBlob } from '../../base/realms.js';
import { startedEarly } from '../../base/started_early.js';
import { isText, mostBytes } from '../limits.js';
import type { DownloadOptions, ModelSource, SourceFile } from '../source.js';
import type { OpenOptions } from '../source_options.js';
import { FIRST_BYTES, type FileSearch, isWhole, type WantedFiles } from '../wanted_files.js';
import { type CachedFile, FileCache, hasRoom } from './file_cache.js';
import { type FileRequest, fetchWhole, firstBytes, isUnchanged, openRemote } from './remote_file.js';
import { shown } from './request.js';
import { blobFile, type StoredFile, StreamedFile } from './stored_file.js';

/** Most connections that stay open: browsers allow six to a server, and other requests need some of them. */
const MOST_OPEN = 3;
/**
 * A model or an adapter under an address: a folder, whose files are requested by name, or one file. Text
 * files are read whole. Weights are downloaded to the origin's cache if it has one (and `cache` is true), or
 * else streamed, over the connection on which they were found; if it breaks, a new one continues from there.
 * If there is no network, the model is read from the cache.
 */
export class HttpSource implements ModelSource {
  readonly name: string;
  readonly #address: URL;
  #folder: URL;
  /** The name of the file, if the address is that of a file. */
  #single: string | undefined;
  readonly #useCache: boolean;
  readonly #wanted: WantedFiles;
  #cache: FileCache | undefined;
  #files: Map<string, StoredFile> | undefined;
  /** Files that may have an open connection; the most recently used is last. */
  readonly #open: StreamedFile[] = [];
  /** One read at a time: reads share the connections. */
  readonly #reads = new Mutex();
  /** The errors of files that the server refused, by path. */
  readonly #refusals = new Map<string, Gpt2Error>();

  constructor(address: URL, { cache = true, wanted }: Pick<OpenOptions, 'cache' | 'wanted'>) {
    const url = new URL(address);
    url.hash = '';
    this.name = shown(url);
    // The message of fetch would show them.
    if (url.username || url.password)
      throw new Gpt2Error('invalid-option', `the address ${this.name} must have no user and password`);
    this.#address = new URL(url);
    this.#folder = url;
    this.#useCache = cache;
    this.#wanted = wanted;
    if (isWhole(fileName(url), wanted)) this.#takeFile();
    else if (fileName(url) !== '') url.pathname += '/';
  }

  /** Treats the address as that of a file. */
  #takeFile(): void {
    const url = new URL(this.#address);
    const file = fileName(url);
    this.#single = decoded(file);
    url.pathname = url.pathname.slice(0, -file.length);
    this.#folder = url;
  }

  async list(signal?: AbortSignal): Promise<SourceFile[]> {
    throwIfAborted(signal, `listing ${this.name}`);
    this.#files ??= await this.#findAll(signal);
    return [...this.#files].map(([path, { byteLength }]) => ({ path, byteLength }));
  }

  read(
    path: string,
    start: number,
    end: number,
    signal?: AbortSignal,
    into?: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array> {
    const file = this.#files?.get(path);
    if (file === undefined) throw new Gpt2Error('not-found', `${this.name} has no file ${path}`);
    return this.#reads.run(async () => {
      if (file instanceof StreamedFile) this.#opened(file);
      return file.read(start, end, signal, into);
    });
  }

  async download(paths: readonly string[], { signal, onDownload }: DownloadOptions = {}): Promise<void> {
    const cache = this.#cache;
    const files = paths.map((path) => [path, this.#files!.get(path)!] as const);
    const missing = files.flatMap(([path, file]) => (file instanceof StreamedFile ? [{ path, file }] : []));
    const bytes = (some: readonly { byteLength: number }[]) =>
      some.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (cache === undefined || !(await hasRoom(bytes(missing.map(({ file }) => file))))) return;
    const total = bytes(files.map(([, file]) => file));
    const cached = total - bytes(missing.map(({ file }) => file));
    let loaded = cached;
    onDownload?.({ file: paths[0] ?? '', total, loaded, cached });
    for (const { path, file: streamed } of missing) {
      this.#opened(streamed);
      const counted = async function* () {
        for await (const chunk of streamed.all(signal)) {
          loaded += chunk.length;
          onDownload?.({ file: path, total, loaded, cached });
          yield chunk;
        }
      };
      if (!(await cache.download(streamed.file, counted()))) return;
      const stored = await this.#fromCache(path);
      if (stored !== undefined) this.#files!.set(path, stored);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((file) => file.close()));
  }

  /** Finds the files. The first request shows whether there is a network. */
  async #findAll(signal: AbortSignal | undefined): Promise<Map<string, StoredFile>> {
    this.#cache = this.#useCache ? await FileCache.open() : undefined;
    if (this.#single === undefined && (await this.#keptFile())) this.#takeFile();
    const search = await this.#wanted.search();
    const single = this.#single;
    const beside = single === undefined ? [] : await search.beside(single);
    const kept = await this.#kept(single === undefined ? undefined : [single, ...beside]);
    const files = new Map<string, StoredFile>();
    const find = async (paths: readonly string[], attempts?: number) => {
      const found = await Promise.all(
        paths.map(async (path) => [path, await this.#find(path, kept.get(path), signal, attempts)] as const),
      );
      for (const [path, file] of found) if (file !== undefined) files.set(path, file);
    };
    const first = single ?? search.first;
    const attempts = kept.has(first) ? 1 : undefined;
    const mayBeFile = this.#address.search !== '' || search.isFile(fileName(this.#address));
    try {
      if (single === undefined && mayBeFile && (await this.#isFile(search, signal, attempts)))
        return this.#findAll(signal);
      await find([first], attempts);
    } catch (error) {
      if (!(error instanceof Gpt2Error && error.code === 'network' && kept.has(first))) throw error;
      for (const path of kept.keys()) {
        const file = await this.#fromCache(path);
        if (file !== undefined) files.set(path, file);
      }
      return files;
    }
    let required: readonly string[] = [];
    if (single !== undefined) await find(beside);
    else {
      required = await search.rest(files, find);
      if (files.size === 0 && !mayBeFile && (await this.#isFile(search, signal)))
        return this.#findAll(signal);
    }
    if (single === undefined || files.size === 0) await this.#checkFound(files, required, search);
    return files;
  }

  /**
   * Throws if nothing was found. An optional file that the server refuses is absent; for a required one its
   * refusal is the error.
   */
  async #checkFound(
    files: ReadonlyMap<string, StoredFile>,
    required: readonly string[],
    search: FileSearch,
  ): Promise<void> {
    if (files.size === 0) {
      const [refusal] = this.#refusals.values();
      throw refusal ?? (await this.#nothing(search));
    }
    for (const path of required) {
      const refusal = this.#refusals.get(path);
      if (refusal !== undefined && !files.has(path)) throw refusal;
    }
  }

  /**
   * Whether the address is that of a file: of a model in one file, under any name, or of one that its name
   * shows to be a file. Then treats it as such.
   */
  async #isFile(search: FileSearch, signal: AbortSignal | undefined, attempts?: number): Promise<boolean> {
    const file = fileName(this.#address);
    if (file === '') return false;
    const onRefusal = (failure: Gpt2Error) => void this.#refusals.set(file, failure);
    const bytes = await firstBytes(this.#address, FIRST_BYTES, { signal, attempts, onRefusal });
    if (bytes === undefined) return false;
    const isModel = bytes.length >= FIRST_BYTES && (await search.isModel(bytes));
    if (!isModel && !search.isFile(file)) return false;
    this.#takeFile();
    return true;
  }

  /** The error for an address under which no file was found. */
  async #nothing(search: FileSearch): Promise<Gpt2Error> {
    const isFile = this.#single !== undefined;
    const what = isFile ? `no file ${this.name}` : `nothing at ${this.name}; ${await search.right()}`;
    return new Gpt2Error('not-found', `there is ${what}`);
  }

  /** A file of the server: from the cache if `kept`, the cache's copy, is the same. */
  async #find(
    path: string,
    kept: CachedFile | undefined,
    signal: AbortSignal | undefined,
    attempts: number | undefined,
  ): Promise<StoredFile | undefined> {
    const url = this.#url(path);
    const onRefusal = (failure: Gpt2Error) => void this.#refusals.set(path, failure);
    const options: FileRequest = { signal, attempts, onRefusal };
    if (isText(path)) {
      const whole = await fetchWhole(url, { ...options, most: mostBytes(path) });
      if (whole === undefined) return undefined;
      if (kept?.version !== whole.version || kept.byteLength !== whole.content.size) {
        await this.#cache?.put(url, whole.content, whole.version);
      }
      return blobFile(whole.content);
    }
    const stored = kept && (await this.#fromCache(path));
    if (stored !== undefined && (await isUnchanged(url, kept!, options))) return stored;
    const remote = await openRemote(url, options);
    if (remote === undefined) return undefined;
    if (isBlob(remote)) return blobFile(remote);
    if (stored !== undefined && kept!.version === remote.version && kept!.byteLength === remote.byteLength) {
      await remote.close();
      return stored;
    }
    const streamed = new StreamedFile(remote);
    this.#opened(streamed);
    return streamed;
  }

  /** Notes the use of a file, and closes the connection of the one that was not used for longest. */
  #opened(file: StreamedFile): void {
    const index = this.#open.indexOf(file);
    if (index >= 0) this.#open.splice(index, 1);
    this.#open.push(file);
    if (this.#open.length > MOST_OPEN) void startedEarly(this.#open.shift()!.close());
  }

  /** Whether the cache has the address itself: then it is that of a file. */
  async #keptFile(): Promise<boolean> {
    const { href, origin, pathname } = this.#address;
    return (await this.#cache?.list(origin + pathname))?.some(({ url }) => url === href) ?? false;
  }

  /** The files of this model in the cache, by path; of all in the folder, or of `paths`. */
  async #kept(paths: readonly string[] | undefined): Promise<Map<string, CachedFile>> {
    const { origin, pathname, search } = this.#folder;
    const kept = new Map<string, CachedFile>();
    for (const file of (await this.#cache?.list(origin + pathname)) ?? []) {
      const url = new URL(file.url);
      const path = decoded(url.pathname.slice(pathname.length));
      if (url.search === search && (paths?.includes(path) ?? true)) kept.set(path, file);
    }
    return kept;
  }

  #url(path: string): URL {
    const url = new URL(this.#folder);
    url.pathname += path.split('/').map(encodeURIComponent).join('/');
    return url;
  }

  async #fromCache(path: string): Promise<StoredFile | undefined> {
    const blob = await this.#cache?.read(this.#url(path).href);
    return blob && blobFile(blob);
  }
}

/** Decodes a part of an address; returns it unchanged if it is not encoded properly. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The part of an address after its last slash. */
function fileName({ pathname }: URL): string {
  return pathname.slice(pathname.lastIndexOf('/') + 1);
}
