// Only in the build for runtimes with Node's modules.
import { createHash, type Hash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAlive } from '../folder/leftovers.js';
import { sizeOf } from './cache.js';
import type { HubFile } from './repository.js';

const READ_BYTES = 2 ** 20;

/** Called with the bytes on disk, and how many of them an earlier download left. */
export type OnBytes = (loaded: number, cached: number) => void;

/** Suffix after a blob's name: the id of the process that writes the file, or `left` if none does. */
const SUFFIX = /\.gpt2-wasm-(?:left|(\d+)-[0-9a-f]{8})\.incomplete$/;

/**
 * The first bytes of a blob. Each download writes a separate file,
 * `<blob>.gpt2-wasm-<process>-<random>.incomplete`, so that concurrent downloads do not disturb each other. A
 * download that fails renames its file to `<blob>.gpt2-wasm-left.incomplete`. The next download resumes that
 * file, or the file of a process that has ended, by renaming it, which only one of them can do.
 */
export class PartialFile {
  /** Bytes on disk. */
  loaded = 0;
  /** Of these, bytes that an earlier download left. */
  cached = 0;
  readonly #blob: string;
  readonly #file: HubFile;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #onBytes: OnBytes;
  #hash: Hash;

  private constructor(blob: string, file: HubFile, path: string, handle: FileHandle, onBytes: OnBytes) {
    this.#blob = blob;
    this.#file = file;
    this.#path = path;
    this.#handle = handle;
    this.#onBytes = onBytes;
    this.#hash = beginHash(file);
  }

  /** Resumes an earlier download of the blob, if there is one. */
  static async open(blob: string, file: HubFile, onBytes: OnBytes): Promise<PartialFile> {
    const path = `${blob}.gpt2-wasm-${process.pid}-${randomUUID().slice(0, 8)}.incomplete`;
    for (const left of await leftFiles(blob)) {
      if (await renamed(left, path)) break;
    }
    let handle: FileHandle;
    try {
      handle = await open(path, constants.O_RDWR | constants.O_CREAT);
    } catch (error) {
      await renamed(path, leftName(blob));
      throw error;
    }
    const partial = new PartialFile(blob, file, path, handle, onBytes);
    try {
      await partial.#readBack();
    } catch (error) {
      await partial.leave();
      throw error;
    }
    return partial;
  }

  async #readBack(): Promise<void> {
    const { size } = await this.#handle.stat();
    if (size > this.#file.byteLength) return this.restart();
    const buffer = new Uint8Array(Math.min(size, READ_BYTES));
    while (this.loaded < size) {
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, this.loaded);
      if (bytesRead === 0) break;
      this.#hash.update(buffer.subarray(0, bytesRead));
      this.loaded += bytesRead;
    }
    this.cached = this.loaded;
    this.#report();
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
      const rest = bytes.subarray(written);
      written += (await this.#handle.write(rest, 0, rest.length, this.loaded + written)).bytesWritten;
    }
    this.#hash.update(bytes);
    this.loaded += bytes.length;
    this.#report();
  }

  /** Discards all bytes. */
  async restart(): Promise<void> {
    await this.#handle.truncate(0);
    this.#hash = beginHash(this.#file);
    this.loaded = 0;
    this.cached = 0;
    this.#report();
  }

  #report(): void {
    this.#onBytes(this.loaded, this.cached);
  }

  /** The hash of the bytes by the file's algorithm, in hex. Nothing can be appended afterwards. */
  digest(): string {
    return this.#hash.digest('hex');
  }

  /**
   * Renames the file to the blob, and removes what other downloads left of the blob. Throws the errors of the
   * file system; the file is then left to a later download.
   */
  async keep(): Promise<void> {
    try {
      await this.#handle.sync();
    } catch (error) {
      await this.leave();
      throw error;
    }
    await this.#handle.close();
    try {
      await rename(this.#path, this.#blob);
    } catch (error) {
      // On Windows a blob that is being read cannot be replaced; another download has then completed it.
      if ((await sizeOf(this.#blob)) !== this.#file.byteLength) {
        await renamed(this.#path, leftName(this.#blob));
        throw error;
      }
    }
    for (const left of [this.#path, ...(await leftFiles(this.#blob))]) await rm(left, { force: true });
  }

  /** Leaves the file to a later download. */
  async leave(): Promise<void> {
    await this.#handle.close();
    await renamed(this.#path, leftName(this.#blob));
  }

  /** Deletes the file. */
  async remove(): Promise<void> {
    await this.#handle.close();
    await rm(this.#path, { force: true });
  }
}

function leftName(blob: string): string {
  return `${blob}.gpt2-wasm-left.incomplete`;
}

/** Git hashes a header with kind and length, then the file. */
function beginHash({ hash, byteLength }: HubFile): Hash {
  if (hash.algorithm === 'sha256') return createHash('sha256');
  return createHash('sha1').update(`blob ${byteLength}\0`);
}

/** Files that failed downloads of a blob left, or that processes which have ended wrote. */
async function leftFiles(blob: string): Promise<string[]> {
  const folder = dirname(blob);
  return (await readdir(folder))
    .filter((name) => beginningOf(name) === basename(blob))
    .map((name) => join(folder, name));
}

/** Deletes partial downloads of blobs that are not in `files`, such as those of old revisions. */
export async function removeOthersLeft(folder: string, files: Iterable<HubFile>): Promise<void> {
  const wanted = new Set(Array.from(files, ({ hash }) => hash.hex));
  for (const name of await readdir(folder).catch(() => [])) {
    const blob = beginningOf(name);
    if (blob === undefined || wanted.has(blob)) continue;
    await rm(join(folder, name), { force: true }).catch(() => {});
  }
}

/** The name of the blob that a file is an abandoned part of, `undefined` if a process still writes it. */
function beginningOf(name: string): string | undefined {
  const found = SUFFIX.exec(name);
  const isLeft = found !== null && (found[1] === undefined || !isAlive(Number(found[1])));
  return isLeft ? name.slice(0, found.index) : undefined;
}

/** Whether a file could be renamed: another process may have taken it. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch {
    return false;
  }
}
