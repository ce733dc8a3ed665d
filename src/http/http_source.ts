import { Gpt2Error, throwIfAborted } from '../errors.js';
import type { OpenOptions } from '../open_source.js';
import { type DownloadOptions, isInside, type ModelSource, type SourceFile } from '../weights/source.js';
import { type CachedFile, FileCache, hasRoom } from './file_cache.js';
import { fetchWhole, openRemote } from './remote_file.js';
import { shown } from './request.js';
import { BlobFile, type StoredFile, StreamedFile } from './stored_file.js';

const CONFIG_FILE = 'config.json';
const WEIGHTS_FILE = 'model.safetensors';
const INDEX_FILE = 'model.safetensors.index.json';
const TOKENIZER_FILE = 'tokenizer.json';
/** Read where there is no tokenizer.json. */
const VOCABULARY_FILES = ['vocab.json', 'merges.txt'];
const SETTINGS_FILES = ['added_tokens.json', 'special_tokens_map.json', 'tokenizer_config.json'];

/**
 * A model under an address: a folder, in which the files of a checkpoint are looked for by their names, or a .gguf
 * file. Small files are read whole; weights are downloaded to the origin's cache where there is one (`cache`), and
 * else streamed, again from where a connection broke. Without a network, what the cache has is the model.
 */
export class HttpSource implements ModelSource {
  readonly name: string;
  readonly #folder: URL;
  /** The file that the address is of, where it is no folder. */
  readonly #single: string | undefined;
  readonly #useCache: boolean;
  /** What is looked for in place of a checkpoint. */
  readonly #wanted: readonly string[] | undefined;
  #cache: FileCache | undefined;
  #files: Map<string, StoredFile> | undefined;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(address: URL, { cache = true, files }: Pick<OpenOptions, 'cache' | 'files'> = {}) {
    const url = new URL(address);
    url.hash = '';
    this.name = shown(url);
    const file = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
    this.#single = /\.gguf$/i.test(file) ? decoded(file) : undefined;
    if (this.#single !== undefined) url.pathname = url.pathname.slice(0, -file.length);
    else if (file !== '') url.pathname += '/';
    this.#folder = url;
    this.#useCache = cache;
    this.#wanted = files;
  }

  async list(signal?: AbortSignal): Promise<SourceFile[]> {
    throwIfAborted(signal, `listing ${this.name}`);
    this.#files ??= await this.#open(signal);
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
    const read = this.#reading.then(() => file.read(start, end, signal, into));
    this.#reading = read.catch(() => {});
    return read;
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
      await streamed.close();
      const { file } = streamed;
      const counted = async function* () {
        for await (const chunk of file.bytes(0, signal)) {
          loaded += chunk.length;
          onDownload?.({ file: path, total, loaded, cached });
          yield chunk;
        }
      };
      if (!(await cache.download(file, counted()))) return;
      const stored = await this.#fromCache(path);
      if (stored !== undefined) this.#files!.set(path, stored);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...(this.#files?.values() ?? [])].map((file) => file.close()));
  }

  /** Finds the files. The first request shows whether there is a network. */
  async #open(signal: AbortSignal | undefined): Promise<Map<string, StoredFile>> {
    this.#cache = this.#useCache ? await FileCache.open() : undefined;
    const kept = await this.#kept();
    const first = this.#single ?? this.#wanted?.[0] ?? CONFIG_FILE;
    const find = async (paths: readonly string[], attempts?: number) => {
      const found = await Promise.all(
        paths.map(async (path) => [path, await this.#find(path, kept.get(path), signal, attempts)] as const),
      );
      for (const [path, file] of found) if (file !== undefined) files.set(path, file);
    };
    const files = new Map<string, StoredFile>();
    try {
      await find([first], kept.has(first) ? 1 : undefined);
    } catch (error) {
      if (!(error instanceof Gpt2Error && error.code === 'network' && kept.has(first))) throw error;
      for (const path of kept.keys()) {
        const file = await this.#fromCache(path);
        if (file !== undefined) files.set(path, file);
      }
      return files;
    }
    if (this.#single !== undefined) return files;
    if (this.#wanted !== undefined) {
      await find(this.#wanted.slice(1));
      return files;
    }
    await find([WEIGHTS_FILE, TOKENIZER_FILE, ...SETTINGS_FILES]);
    if (!files.has(TOKENIZER_FILE)) await find(VOCABULARY_FILES);
    if (!files.has(WEIGHTS_FILE)) {
      await find([INDEX_FILE]);
      for (const shard of await shardsOf(files.get(INDEX_FILE))) await find([shard]);
    }
    return files;
  }

  /** A file of the server: from the cache where `kept`, what that has, is the same. */
  async #find(
    path: string,
    kept: CachedFile | undefined,
    signal: AbortSignal | undefined,
    attempts: number | undefined,
  ): Promise<StoredFile | undefined> {
    const url = this.#url(path);
    if (/\.(json|txt)$/.test(path)) {
      const whole = await fetchWhole(url, signal, attempts);
      if (whole === undefined) return undefined;
      if (kept?.version !== whole.version || kept.byteLength !== whole.content.size) {
        await this.#cache?.put(url, whole.content, whole.version);
      }
      return new BlobFile(whole.content);
    }
    const remote = await openRemote(url, signal, attempts);
    if (remote === undefined) return undefined;
    if (remote instanceof Blob) return new BlobFile(remote);
    const { byteLength } = remote;
    const isKept = kept?.version === remote.version && kept.byteLength === byteLength;
    return (isKept ? await this.#fromCache(path) : undefined) ?? new StreamedFile(remote);
  }

  /** What the cache has of this model, by path. */
  async #kept(): Promise<Map<string, CachedFile>> {
    const { origin, pathname, search } = this.#folder;
    const kept = new Map<string, CachedFile>();
    for (const file of (await this.#cache?.list(origin + pathname)) ?? []) {
      const url = new URL(file.url);
      const path = decoded(url.pathname.slice(pathname.length));
      if (url.search === search && path === (this.#single ?? path)) kept.set(path, file);
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
    return blob && new BlobFile(blob);
  }
}

/** A part of an address as text; as it is, where it is not encoded as it should be. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The weight files that an index names; of an index that cannot be read none, which its reader will refuse. */
async function shardsOf(index: StoredFile | undefined): Promise<Set<string>> {
  if (index === undefined) return new Set();
  try {
    const bytes = await index.read(0, index.byteLength);
    const { weight_map } = JSON.parse(new TextDecoder().decode(bytes));
    return new Set(Object.values<string>(weight_map).filter(isInside));
  } catch {
    return new Set();
  }
}
