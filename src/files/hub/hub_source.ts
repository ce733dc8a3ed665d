// Only in the build for runtimes with Node's modules.
import { join } from 'node:path';
import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { fileError } from '../../host/file_error.js';
import { type FolderLevels, folderSource, readRange } from '../folder/folder_source.js';
import { isText } from '../limits.js';
import type { DownloadOptions, ModelSource, SourceFile } from '../source.js';
import type { OpenOptions } from '../source_options.js';
import { isWhole, type WantedFiles } from '../wanted_files.js';
import { ModelCache, sizeOf } from './cache.js';
import { downloadBlob } from './download.js';
import { type HubSettings, hubSettings } from './environment.js';
import { checkHubModel, type HubId } from './hub_url.js';
import { type OnBytes, removeOthersLeft } from './partial_file.js';
import { type HubFile, openRepository, type Repository } from './repository.js';
import { fetchRange, type RepositoryFile } from './repository_file.js';
import type { HubAccess } from './request.js';

/** A model whose files are in the cache, or are downloaded to it. */
export interface HubModel extends ModelSource {
  /** The commit of the revision that was asked for. */
  readonly commit: string;
  /** The folder of that commit in the cache, or the file in it that the id names. */
  readonly path: string;
}

/**
 * A model of the hub, read through the cache of this machine, which all tools of the hub share. Text files
 * are downloaded to it, whole and checked, when they are first read. Of other files only the requested bytes
 * are fetched, until `download` is called. If the hub cannot be reached, or `HF_HUB_OFFLINE` is set, the
 * source has the files of the model in the cache.
 *
 * Throws `not-found`, `network`, `invalid-option`, `invalid-file` for an invalid answer, `aborted`, and
 * `runtime` if the package @huggingface/hub is not installed.
 */
export async function hubSource(
  id: HubId,
  { revision = 'main', token, signal, wanted, levels }: OpenOptions & FolderLevels,
): Promise<HubModel> {
  checkHubModel(id, revision, wanted);
  const settings = await hubSettings(token);
  const access = { endpoint: settings.endpoint, token: settings.token, repo: id.repo, revision };
  const cache = await ModelCache.of(settings.cacheFolder, id.repo);
  if (settings.offline) {
    const cached = await cachedSource(id, revision, cache, { wanted, levels });
    if (cached === undefined) throw notCached(id, revision, settings);
    return cached;
  }
  try {
    const repository = await openRepository(access, signal);
    const files = id.file === undefined ? repository.files : await only(id.file, access, repository, wanted);
    return new HubSource(id, access, repository, cache, files);
  } catch (error) {
    const isOffline = error instanceof Gpt2Error && error.code === 'network';
    const cached = isOffline ? await cachedSource(id, revision, cache, { wanted, levels }) : undefined;
    if (cached === undefined) throw error;
    return cached;
  }
}

/** The files of a model in the cache; `undefined` if it has none. */
async function cachedSource(
  { repo, file }: HubId,
  revision: string,
  cache: ModelCache,
  options: Pick<OpenOptions, 'wanted'> & FolderLevels,
): Promise<HubModel | undefined> {
  const commit = await cache.commitOf(revision);
  if (commit === undefined) return undefined;
  const path = join(cache.snapshot(commit), file ?? '');
  if ((await sizeOf(path)) === undefined) return undefined;
  return {
    ...(await folderSource(path, options)),
    name: `${repo} in the cache at ${cache.snapshot(commit)}`,
    commit,
    path,
  };
}

function notCached({ repo, file }: HubId, revision: string, { cacheFolder }: HubSettings): Gpt2Error {
  const what = file === undefined ? repo : `${file} of ${repo}`;
  return new Gpt2Error(
    'not-found',
    `revision "${revision}" of ${what} is not in the cache at ${cacheFolder}, and HF_HUB_OFFLINE forbids to fetch it`,
  );
}

class HubSource implements HubModel {
  readonly name: string;
  readonly commit: string;
  readonly path: string;
  readonly #access: HubAccess;
  readonly #cache: ModelCache;
  readonly #files: ReadonlyMap<string, HubFile>;
  /** All files of the repository at the commit. */
  readonly #listed: readonly HubFile[];
  /** Removes leftovers of ended processes from the model's cache; started by the first write to it. */
  #tidied: Promise<unknown> | undefined;

  constructor(
    id: HubId,
    access: HubAccess,
    repository: Repository,
    cache: ModelCache,
    files: ReadonlyMap<string, HubFile>,
  ) {
    this.name = id.file === undefined ? id.repo : `${id.repo}:${id.file}`;
    this.commit = repository.commit;
    this.path = join(cache.snapshot(repository.commit), id.file ?? '');
    this.#access = access;
    this.#cache = cache;
    this.#listed = [...repository.files.values()];
    this.#files = files;
  }

  async list(signal?: AbortSignal): Promise<SourceFile[]> {
    throwIfAborted(signal, `listing ${this.name}`);
    return Array.from(this.#files.values(), ({ path, byteLength }) => ({ path, byteLength }));
  }

  async read(
    path: string,
    start: number,
    end: number,
    signal?: AbortSignal,
    into?: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array> {
    const file = this.#file(path);
    if (!(await this.#cache.has(this.commit, file))) {
      if (!isText(path) && (await sizeOf(this.#cache.blob(file))) !== file.byteLength) {
        return fetchRange(this.#repositoryFile(file), start, Math.min(end, file.byteLength), signal);
      }
      await this.#ensureCached(file, signal, () => {});
      await this.#remember({ onlyFirst: true });
    }
    return readRange(join(this.#cache.snapshot(this.commit), path), start, end, signal, into);
  }

  async download(paths: readonly string[], { signal, onDownload }: DownloadOptions = {}): Promise<void> {
    const files = paths.map((path) => this.#file(path));
    const total = files.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const here = await Promise.all(files.map((file) => this.#cache.has(this.commit, file)));
    // Files in the cache are counted before those that are downloaded.
    const inOrder = [...files.filter((_, i) => here[i]), ...files.filter((_, i) => !here[i])];
    let loadedBefore = 0;
    let cachedBefore = 0;
    for (const file of inOrder) {
      let cachedHere = file.byteLength;
      const report: OnBytes = (loaded, cached) => {
        cachedHere = cached;
        onDownload?.({
          file: file.path,
          total,
          loaded: loadedBefore + loaded,
          cached: cachedBefore + cached,
        });
      };
      await this.#ensureCached(file, signal, report);
      loadedBefore += file.byteLength;
      cachedBefore += cachedHere;
    }
    await this.#remember({ onlyFirst: false });
  }

  /** Downloads a file into the cache unless the cache has it. */
  async #ensureCached(file: HubFile, signal: AbortSignal | undefined, onBytes: OnBytes): Promise<void> {
    throwIfAborted(signal, `downloading ${file.path} of ${this.name}`);
    const blob = this.#cache.blob(file);
    try {
      if (await this.#cache.has(this.commit, file)) onBytes(file.byteLength, file.byteLength);
      else {
        if ((await sizeOf(blob)) === file.byteLength) onBytes(file.byteLength, file.byteLength);
        else await downloadBlob(this.#repositoryFile(file), blob, signal, onBytes);
        await this.#cache.link(this.commit, file);
      }
    } catch (error) {
      throw this.#explain(error, file.path);
    }
  }

  /**
   * Records the commit of the revision. A failure is ignored: a cache that cannot be written can still be
   * read.
   */
  async #remember(options: { onlyFirst: boolean }): Promise<void> {
    this.#tidied ??= Promise.all([
      this.#cache.removeLeftovers(),
      removeOthersLeft(this.#cache.blobs, this.#listed),
    ]);
    await this.#tidied;
    await this.#cache.setRef(this.#access.revision, this.commit, options).catch(() => {});
  }

  #repositoryFile(file: HubFile): RepositoryFile {
    return { access: this.#access, commit: this.commit, file };
  }

  #file(path: string): HubFile {
    const file = this.#files.get(path);
    if (file === undefined) throw new Gpt2Error('not-found', `${this.name} has no file ${path}`);
    return file;
  }

  #explain(error: unknown, path: string): unknown {
    const isOfFiles = (error as NodeJS.ErrnoException).syscall !== undefined;
    return isOfFiles
      ? fileError(error, `${path} of ${this.name}, kept in ${this.#cache.folder},`, 'written')
      : error;
  }
}

/** The one file that an id names, and those that belong to the same model. */
async function only(
  path: string,
  { repo, endpoint }: HubAccess,
  { files }: Repository,
  wanted: WantedFiles,
): Promise<Map<string, HubFile>> {
  const file = files.get(path);
  if (file !== undefined) {
    const beside = await (await wanted.search()).beside(path);
    const found = beside.flatMap((other) => files.get(other) ?? []);
    return new Map([file, ...found].map((file) => [file.path, file]));
  }
  const others = [...files.keys()].filter((other) => isWhole(other, wanted)).join(', ');
  const kind = wanted.extensions.join(' or ');
  const advice = others === '' ? `it has no ${kind} file` : `its ${kind} files are ${others}`;
  throw new Gpt2Error('not-found', `${repo} at ${endpoint} has no file ${path}; ${advice}`);
}
