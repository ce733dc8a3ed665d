import { Gpt2Error } from '../../base/errors.js';
import { readExactly } from '../../files/read.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import { LOCAL_BYTES, readZipDirectory, viewOf, type ZipEntry } from './zip_directory.js';

/** Requests for headers at a time. */
const READS_AT_ONCE = 16;
/** PyTorch begins every record at a multiple of this. */
const ALIGNMENT = 64;
const LOCAL = 0x04034b50;

/** Reads the directory of an archive. Throws `invalid-file`. */
export async function readZip(
  source: ModelSource,
  file: SourceFile,
  signal: AbortSignal | undefined,
): Promise<ZipArchive> {
  return new ZipArchive(source, file.path, await readZipDirectory(source, file, signal));
}

/** The files of a ZIP archive. The contents are not read. Throws `invalid-file`. */
export class ZipArchive {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  readonly #source: ModelSource;
  readonly #path: string;
  readonly #where: string;

  constructor(source: ModelSource, path: string, entries: ReadonlyMap<string, ZipEntry>) {
    this.#source = source;
    this.#path = path;
    this.#where = `${path} of ${source.name}`;
    this.entries = entries;
  }

  /** Positions of the contents of files, whose names are keys of `entries`. Throws for compressed ones. */
  async starts(names: readonly string[], signal: AbortSignal | undefined): Promise<Map<string, number>> {
    const wanted = names.map((name) => this.entries.get(name)!);
    const packed = wanted.find(({ isPlain }) => !isPlain);
    if (packed !== undefined) {
      throw new Gpt2Error(
        'invalid-file',
        `${this.#where}: ${packed.name} is compressed or encrypted, which PyTorch never does; unpack the archive ` +
          'and pack it again without compression, or save the model again',
      );
    }
    const aligned = wanted.map(alignedStart);
    const starts = aligned.every((start) => start !== undefined)
      ? (aligned as number[])
      : await this.#readStarts(wanted, signal);
    return new Map(names.map((name, i) => [name, starts[i]!]));
  }

  async #readStarts(wanted: readonly ZipEntry[], signal: AbortSignal | undefined): Promise<number[]> {
    const starts: number[] = [];
    for (let i = 0; i < wanted.length; i += READS_AT_ONCE) {
      const some = wanted.slice(i, i + READS_AT_ONCE).map((entry) => this.#readStart(entry, signal));
      starts.push(...(await Promise.all(some)));
    }
    return starts;
  }

  async #readStart(entry: ZipEntry, signal: AbortSignal | undefined): Promise<number> {
    const { name, header, next, byteLength } = entry;
    const end = header + LOCAL_BYTES;
    const view = viewOf(await readExactly(this.#source, this.#path, header, end, signal));
    const start = end + view.getUint16(26, true) + view.getUint16(28, true);
    if (view.getUint32(0, true) === LOCAL && start + byteLength <= next) return start;
    throw new Gpt2Error('invalid-file', `${this.#where}: the archive is damaged at its file ${name}`);
  }
}

/**
 * Position of contents as PyTorch places them: at a multiple of 64, and to the end of the room that they
 * have. It saves a request for each header.
 */
function alignedStart({ header, next, byteLength, nameBytes, hasDescriptor }: ZipEntry): number | undefined {
  for (const descriptor of hasDescriptor ? [16, 24] : [0]) {
    const start = next - descriptor - byteLength;
    const extra = start - header - LOCAL_BYTES - nameBytes;
    if (start % ALIGNMENT === 0 && extra >= 0 && extra < 2 * ALIGNMENT) return start;
  }
  return undefined;
}
