import { isBlob } from '../../base/bytes.js';
import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { startedEarly } from '../../base/started_early.js';
import { isGguf, MAGIC_BYTES } from '../../checkpoints/gguf/find.js';
import {
  ADAPTER_CONFIG_FILE,
  ADAPTER_FILES,
  ADAPTER_WEIGHTS_FILE,
  CONFIG_FILE,
  FOREIGN_TOKENIZERS,
  GENERATION_FILE,
  INDEX_FILE,
  isModelFile,
  SETTINGS_FILES,
  SINGLE_FILE,
  TOKENIZER_FILE,
  VOCABULARY_FILES,
} from '../file_names.js';
import { mostBytes } from '../limits.js';
import type { DownloadOptions, ModelSource, SourceFile } from '../source.js';
import type { OpenOptions, SourceKind } from '../source_options.js';
import { type CachedFile, FileCache, hasRoom } from './file_cache.js';
import { type FileRequest, fetchWhole, firstBytes, isUnchanged, openRemote } from './remote_file.js';
import { shown } from './request.js';
import { blobFile, type StoredFile, StreamedFile } from './stored_file.js';

/** Files that are read whole. */
const SMALL_FILE = /\.(?:json|txt|jinja)$/;
/** Files of a model that say nothing of its weights. */
const BESIDE_WEIGHTS: readonly string[] = [
  ...[
    CONFIG_FILE,
    GENERATION_FILE,
    TOKENIZER_FILE,
    ...VOCABULARY_FILES,
    ...SETTINGS_FILES,
    ...FOREIGN_TOKENIZERS.keys(),
  ],
];
/** Most connections that stay open: browsers have six to a server, and other requests need some of them. */
const MOST_OPEN = 3;
/** An address that ends so is that of a file rather than of a folder. */
const FILE_NAME = /\.(?:safetensors|gguf|bin|pt|pth|ckpt|onnx|h5|msgpack|json|txt)$/i;

/**
 * A model or an adapter under an address: a folder, in which files are looked for by their names, or a GGUF file.
 * Small files are read whole; weights are downloaded to the origin's cache if it has one (`cache`), else streamed,
 * over the connection that they were found by or, if it breaks, a new one from there on. Without a network, what the cache has is the model.
 */
export class HttpSource implements ModelSource {
  readonly name: string;
  readonly #address: URL;
  #folder: URL;
  /** The file that the address is of, if it is no folder. */
  #single: string | undefined;
  readonly #useCache: boolean;
  readonly #kind: SourceKind;
  #cache: FileCache | undefined;
  #files: Map<string, StoredFile> | undefined;
  /** Files that may have an open connection, the one used last at the end. */
  readonly #open: StreamedFile[] = [];
  #reading: Promise<unknown> = Promise.resolve();
  /** Why files were not given, by path. */
  readonly #refusals = new Map<string, Gpt2Error>();

  constructor(address: URL, { cache = true, kind = 'model' }: Pick<OpenOptions, 'cache' | 'kind'> = {}) {
    const url = new URL(address);
    url.hash = '';
    this.name = shown(url);
    this.#address = new URL(url);
    this.#folder = url;
    this.#useCache = cache;
    this.#kind = kind;
    if (/\.gguf$/i.test(fileName(url))) this.#takeFile();
    else if (fileName(url) !== '') url.pathname += '/';
  }

  /** Makes the address that of a file. */
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
    const read = this.#reading.then(() => {
      if (file instanceof StreamedFile) this.#opened(file);
      return file.read(start, end, signal, into);
    });
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
    const kept = await this.#kept();
    const files = new Map<string, StoredFile>();
    const find = async (paths: readonly string[], attempts?: number) => {
      const found = await Promise.all(
        paths.map(async (path) => [path, await this.#find(path, kept.get(path), signal, attempts)] as const),
      );
      for (const [path, file] of found) if (file !== undefined) files.set(path, file);
    };
    const first = this.#single ?? (this.#kind === 'adapter' ? ADAPTER_CONFIG_FILE : CONFIG_FILE);
    const attempts = kept.has(first) ? 1 : undefined;
    const mayBeFile = this.#address.search !== '' || FILE_NAME.test(fileName(this.#address));
    try {
      if (this.#single === undefined && mayBeFile && (await this.#isFile(signal, attempts)))
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
    if (this.#single === undefined) {
      if (this.#kind === 'adapter') await findAdapter(files, find);
      else await findModel(files, find, this.#kind === 'model');
      if (files.size === 0 && !mayBeFile && (await this.#isFile(signal))) return this.#findAll(signal);
    }
    if (this.#single === undefined || files.size === 0) this.#checkFound(files);
    return files;
  }

  /**
   * Throws if nothing was found. An optional file that is refused is absent; a required one is the reason if no other
   * file that was found says more.
   */
  #checkFound(files: ReadonlyMap<string, StoredFile>): void {
    if (files.size === 0) {
      const [refusal] = this.#refusals.values();
      throw refusal ?? this.#nothing();
    }
    for (const path of requiredFiles(this.#kind, files)) {
      const refusal = this.#refusals.get(path);
      if (refusal !== undefined && !files.has(path)) throw refusal;
    }
  }

  /**
   * Whether the address itself is a GGUF file, whatever its name, or another file that says by its name what it is;
   * it is the single file then.
   */
  async #isFile(signal: AbortSignal | undefined, attempts?: number): Promise<boolean> {
    const file = fileName(this.#address);
    if (file === '') return false;
    const onRefusal = (failure: Gpt2Error) => void this.#refusals.set(file, failure);
    const bytes = await firstBytes(this.#address, MAGIC_BYTES, { signal, attempts, onRefusal });
    if (bytes === undefined) return false;
    if (!isGguf(bytes) && !FILE_NAME.test(file)) return false;
    this.#takeFile();
    return true;
  }

  /** The error for an address under which no file was found. */
  #nothing(): Gpt2Error {
    if (this.#single !== undefined) return new Gpt2Error('not-found', `there is no file ${this.name}`);
    const right =
      this.#kind === 'adapter'
        ? `an adapter is a folder with ${ADAPTER_CONFIG_FILE} and ${ADAPTER_WEIGHTS_FILE}`
        : `a model is a folder with ${CONFIG_FILE}, ${SINGLE_FILE} and a tokenizer's files, or a .gguf file`;
    return new Gpt2Error('not-found', `there is nothing at ${this.name}; ${right}`);
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
    if (SMALL_FILE.test(path)) {
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

  /** Of the files with an open connection only the latest keep theirs. */
  #opened(file: StreamedFile): void {
    const index = this.#open.indexOf(file);
    if (index >= 0) this.#open.splice(index, 1);
    this.#open.push(file);
    if (this.#open.length > MOST_OPEN) void startedEarly(this.#open.shift()!.close());
  }

  /** Whether the cache has the address itself: it was a file without a name that tells it. */
  async #keptFile(): Promise<boolean> {
    const { href, origin, pathname } = this.#address;
    return (await this.#cache?.list(origin + pathname))?.some(({ url }) => url === href) ?? false;
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
    return blob && blobFile(blob);
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

type Find = (paths: readonly string[]) => Promise<void>;

/** Finds the files of a model, and if there are no weights those of other formats, which their reader refuses. */
async function findModel(
  files: ReadonlyMap<string, StoredFile>,
  find: Find,
  weights: boolean,
): Promise<void> {
  await find([...(weights ? [SINGLE_FILE, GENERATION_FILE] : []), TOKENIZER_FILE, ...SETTINGS_FILES]);
  if (!files.has(TOKENIZER_FILE)) {
    await find(VOCABULARY_FILES);
    if (!VOCABULARY_FILES.every((path) => files.has(path))) await find([...FOREIGN_TOKENIZERS.keys()]);
  }
  if (!weights || files.has(SINGLE_FILE)) return;
  await find([INDEX_FILE]);
  const index = files.get(INDEX_FILE);
  if (index === undefined) await find((await import('../../checkpoints/known_files.js')).OTHER_NAMES);
  else for (const shard of await shardsOf(index)) await find([shard]);
}

/** Finds the files of an adapter, and if it is none those of a model, which their reader refuses. */
async function findAdapter(files: ReadonlyMap<string, StoredFile>, find: Find): Promise<void> {
  await find([ADAPTER_WEIGHTS_FILE]);
  if (ADAPTER_FILES.every((path) => files.has(path))) return;
  await find(['adapter_model.bin', SINGLE_FILE, INDEX_FILE, 'pytorch_model.bin']);
}

/** Files without which what was found is useless; none if it is something else, which its reader explains. */
function requiredFiles(kind: SourceKind, found: ReadonlyMap<string, StoredFile>): readonly string[] {
  const paths = [...found.keys()];
  if (kind === 'adapter') return paths.every((path) => ADAPTER_FILES.includes(path)) ? ADAPTER_FILES : [];
  if (kind === 'tokenizer') {
    return [...VOCABULARY_FILES, ...FOREIGN_TOKENIZERS.keys()].some((path) => found.has(path))
      ? []
      : [TOKENIZER_FILE];
  }
  if (paths.some(isModelFile)) return [CONFIG_FILE];
  return paths.every((path) => BESIDE_WEIGHTS.includes(path)) ? [CONFIG_FILE, SINGLE_FILE] : [];
}

/** The part of an address after its last slash. */
function fileName({ pathname }: URL): string {
  return pathname.slice(pathname.lastIndexOf('/') + 1);
}

/** The weight files that an index names; none of an index that cannot be read, which its reader will refuse. */
async function shardsOf(index: StoredFile): Promise<string[]> {
  const { readWeightMap } = await import('../../checkpoints/huggingface/weight_map.js');
  try {
    return [...readWeightMap(await index.read(0, index.byteLength), INDEX_FILE).keys()];
  } catch {
    return [];
  }
}
