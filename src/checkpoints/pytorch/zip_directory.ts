import { Gpt2Error } from '../../base/errors.js';
import { utf8Text } from '../../base/utf8_text.js';
import { latin1 } from '../../files/pickle/cursor.js';
import { readExactly } from '../../files/read.js';
import type { ModelSource, SourceFile } from '../../files/source.js';

/** The end of the file, which holds the directory of nearly all archives. */
const TAIL_BYTES = 2 ** 17;
/** Longest directory, which is held in memory. */
const MAX_DIRECTORY_BYTES = 2 ** 24;

const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;

/** Sizes of the fixed parts of the records. */
export const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
const END_64_BYTES = 56;
const LOCATOR_64_BYTES = 20;

const ENCRYPTED = 1;
const HAS_DESCRIPTOR = 8;
const NOT_HERE = 0xffffffff;

/** A file of an archive. */
export interface ZipEntry {
  readonly name: string;
  /** Bytes of its contents. */
  readonly byteLength: number;
  /** Whether its contents are stored as they are. */
  readonly isPlain: boolean;
  /** Position of its own header. */
  readonly header: number;
  /** Position of the next header, before which it ends. */
  readonly next: number;
  /** Bytes of its name. */
  readonly nameBytes: number;
  /** Whether its sizes are repeated behind its contents. */
  readonly hasDescriptor: boolean;
}

/** Reads the directory of an archive. Throws `invalid-file`. */
export async function readZipDirectory(
  source: ModelSource,
  { path, byteLength }: SourceFile,
  signal: AbortSignal | undefined,
): Promise<Map<string, ZipEntry>> {
  const damaged = (problem: string) =>
    new Gpt2Error('invalid-file', `${path} of ${source.name}: ${problem}; it is cut off or damaged`);
  const tailStart = Math.max(0, byteLength - TAIL_BYTES);
  const tail = await readExactly(source, path, tailStart, byteLength, signal);
  const read = (start: number, end: number): Promise<Uint8Array> | Uint8Array =>
    start >= tailStart
      ? tail.subarray(start - tailStart, end - tailStart)
      : readExactly(source, path, start, end, signal);

  const endAt = findEnd(tail);
  if (endAt === undefined) throw damaged('it begins as a ZIP archive, but has no directory at its end');
  let { count, size, start } = endOf(viewOf(tail.subarray(endAt)));
  let limit = tailStart + endAt;
  const locatorAt = endAt - LOCATOR_64_BYTES;
  if (locatorAt >= 0 && viewOf(tail).getUint32(locatorAt, true) === LOCATOR_64) {
    const at = u64(viewOf(tail), locatorAt + 8);
    if (!(at + END_64_BYTES <= tailStart + locatorAt)) throw damaged('its directory is not within it');
    const view = viewOf(await read(at, at + END_64_BYTES));
    if (view.getUint32(0, true) !== END_64) throw damaged('its directory is not where it should be');
    [count, size, start] = [u64(view, 32), u64(view, 40), u64(view, 48)];
    limit = at;
  }
  if (!(start + size <= limit) || size > MAX_DIRECTORY_BYTES || count * CENTRAL_BYTES > size) {
    throw damaged(`its directory of ${count} files and ${size} bytes at byte ${start} is not within it`);
  }
  const directory = await read(start, start + size);
  const entries = readDirectory(directory, count, start);
  if (typeof entries === 'string') throw damaged(entries);
  return entries;
}

/** Position of the record that ends an archive, behind which only a comment may follow. */
function findEnd(tail: Uint8Array): number | undefined {
  const view = viewOf(tail);
  for (let at = tail.length - END_BYTES; at >= 0 && at >= tail.length - END_BYTES - 0xffff; at--) {
    if (view.getUint32(at, true) === END && at + END_BYTES + view.getUint16(at + 20, true) === tail.length) {
      return at;
    }
  }
  return undefined;
}

function endOf(view: DataView): { count: number; size: number; start: number } {
  return { count: view.getUint16(10, true), size: view.getUint32(12, true), start: view.getUint32(16, true) };
}

/** The files of a directory, whose position is `end`; or what is wrong with it. */
function readDirectory(directory: Uint8Array, count: number, end: number): Map<string, ZipEntry> | string {
  const view = viewOf(directory);
  const entries: ZipEntry[] = [];
  for (let i = 0, at = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > directory.length || view.getUint32(at, true) !== CENTRAL) {
      return `its directory has ${i} files in place of ${count}`;
    }
    const nameBytes = view.getUint16(at + 28, true);
    const extraAt = at + CENTRAL_BYTES + nameBytes;
    const extraBytes = view.getUint16(at + 30, true);
    const next = extraAt + extraBytes + view.getUint16(at + 32, true);
    if (next > directory.length) return 'its directory ends within a file';
    const bytes = directory.subarray(at + CENTRAL_BYTES, extraAt);
    const name = utf8Text(bytes) ?? latin1(bytes);
    const extra = viewOf(directory.subarray(extraAt, extraAt + extraBytes));
    // Sizes that do not fit are in an extra field, in this order.
    const [byteLength, packed, header] = longFields(
      [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)],
      extra,
    );
    const flags = view.getUint16(at + 8, true);
    const isPlain = view.getUint16(at + 10, true) === 0 && (flags & ENCRYPTED) === 0;
    if (isPlain && packed !== byteLength) return `its file ${name} has two sizes`;
    const hasDescriptor = (flags & HAS_DESCRIPTOR) !== 0;
    entries.push({
      name,
      byteLength: packed!,
      isPlain,
      header: header!,
      next: end,
      nameBytes,
      hasDescriptor,
    });
    at = next;
  }
  return inOrder(entries, end);
}

/** The files by name, each with the position behind it; or what is wrong with them. */
function inOrder(entries: ZipEntry[], end: number): Map<string, ZipEntry> | string {
  entries.sort((a, b) => a.header - b.header);
  const byName = new Map<string, ZipEntry>();
  for (const [i, entry] of entries.entries()) {
    const { name, header, byteLength, nameBytes } = entry;
    const next = entries[i + 1]?.header ?? end;
    if (!(header + LOCAL_BYTES + nameBytes + byteLength <= next)) {
      return `its file ${name} is not within it, or overlaps another`;
    }
    if (byName.has(name)) return `it has two files ${name}`;
    byName.set(name, { ...entry, next });
  }
  return byName;
}

/** Fields of four bytes, and those of eight bytes that stand for them in the extra field of ZIP64. */
function longFields(fields: readonly number[], extra: DataView): number[] {
  const ZIP64 = 1;
  let at = 0;
  let end = 0;
  for (let field = 0; field + 4 <= extra.byteLength; field += 4 + extra.getUint16(field + 2, true)) {
    if (extra.getUint16(field, true) !== ZIP64) continue;
    at = field + 4;
    end = Math.min(extra.byteLength, at + extra.getUint16(field + 2, true));
    break;
  }
  return fields.map((value) => {
    if (value !== NOT_HERE || at + 8 > end) return value;
    at += 8;
    return u64(extra, at - 8);
  });
}

function u64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
