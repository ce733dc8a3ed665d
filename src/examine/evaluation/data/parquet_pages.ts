import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import type { ColumnMetaData, Compressors, FileMetaData, PageHeader } from 'hyparquet/src/index.js';
import { getMaxDefinitionLevel, getMaxRepetitionLevel, getSchemaPath } from 'hyparquet/src/schema.js';
import { readVarInt } from 'hyparquet/src/thrift.js';

/** Most values of a page. */
const MOST_VALUES = 1e7;
/** Groups of bit-packed values are whole: a last run may have so many more than are left. */
const MOST_PADDING = 504;

interface Reader {
  readonly view: DataView<ArrayBuffer>;
  offset: number;
}

/** Most definition and repetition level of a column. */
interface Levels {
  readonly definition: number;
  readonly repetition: number;
}

/**
 * Gives a function that checks the pages of the columns that lie within some bytes of a file, from `start` on: hyparquet
 * writes a run of equal values one by one, as many as a damaged page claims. The function throws a TypeError if a run has
 * more values than its page, and what hyparquet throws for pages that it cannot read.
 */
export function pageChecker(
  { row_groups: groups, schema }: FileMetaData,
  compressors: Compressors,
): (bytes: ArrayBuffer, start: number) => void {
  const columns = groups.flatMap((group) =>
    group.columns.flatMap(({ meta_data: meta }) => {
      if (meta === undefined) return [];
      const path = getSchemaPath(schema, meta.path_in_schema);
      const levels = { definition: getMaxDefinitionLevel(path), repetition: getMaxRepetitionLevel(path) };
      return [{ meta, levels, first: Number(meta.dictionary_page_offset ?? meta.data_page_offset) }];
    }),
  );
  return (bytes, start) => {
    for (const { meta, levels, first } of columns) {
      const size = Number(meta.total_compressed_size);
      if (first < start || first + size > start + bytes.byteLength) continue;
      checkColumn({ view: new DataView(bytes, first - start, size), offset: 0 }, meta, levels, compressors);
    }
  };
}

function checkColumn(reader: Reader, meta: ColumnMetaData, levels: Levels, compressors: Compressors): void {
  const { view } = reader;
  while (reader.offset < view.byteLength - 1) {
    const header = parquetHeader(reader);
    const size = header.compressed_page_size;
    if (!(size >= 0 && reader.offset + size <= view.byteLength))
      throw new TypeError(`a page of ${size} bytes goes beyond its column`);
    const bytes = new Uint8Array(view.buffer, view.byteOffset + reader.offset, size);
    reader.offset += size;
    if (header.type === 'DATA_PAGE') checkPage(bytes, header, meta, levels, compressors);
    else if (header.type === 'DATA_PAGE_V2') checkPageV2(bytes, header, meta, levels, compressors);
  }
}

function checkPage(
  bytes: Uint8Array<ArrayBuffer>,
  header: PageHeader,
  meta: ColumnMetaData,
  { definition, repetition }: Levels,
  compressors: Compressors,
): void {
  const { num_values: all, encoding } = header.data_page_header ?? {};
  checkCount(all);
  const reader = readerOf(decompressPage(bytes, header.uncompressed_page_size, meta.codec, compressors));
  if (repetition > 0) checkRuns(reader, widthOf(repetition), all, prefixed(reader));
  const values =
    definition > 0 ? checkRuns(reader, widthOf(definition), all, prefixed(reader), definition) : all;
  if (encoding !== 'RLE' && !isDictionary(encoding)) return;
  if (meta.type === 'BOOLEAN') checkRuns(reader, 1, values, prefixed(reader));
  else checkIndices(reader, values);
}

function checkPageV2(
  bytes: Uint8Array<ArrayBuffer>,
  { data_page_header_v2: page, uncompressed_page_size: whole }: PageHeader,
  meta: ColumnMetaData,
  { definition, repetition }: Levels,
  compressors: Compressors,
): void {
  checkCount(page?.num_values);
  const { num_values: all, num_nulls: nulls, encoding, is_compressed: mayBeCompressed } = page!;
  const { repetition_levels_byte_length: first, definition_levels_byte_length: second } = page!;
  const levels = readerOf(bytes);
  if (repetition > 0) checkRuns(levels, widthOf(repetition), all, first);
  if (definition > 0) checkRuns(levels, widthOf(definition), all, second);
  const rest = bytes.subarray(first + second);
  const size = whole - first - second;
  const isCompressed = mayBeCompressed !== false && size > 0;
  const reader = readerOf(isCompressed ? decompressPage(rest, size, meta.codec, compressors) : rest);
  if (encoding === 'RLE') checkRuns(reader, 1, all - nulls, prefixed(reader));
  else if (isDictionary(encoding)) checkIndices(reader, all - nulls);
}

const isDictionary = (encoding: string | undefined) =>
  encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY';

/** The length in bytes that stands before some runs. */
function prefixed(reader: Reader): number {
  reader.offset += 4;
  return reader.view.getUint32(reader.offset - 4, true);
}

/** The numbers of a dictionary's values, after their width in bits. */
function checkIndices(reader: Reader, values: number): void {
  if (values === 0) return;
  const width = reader.view.getUint8(reader.offset++);
  checkRuns(reader, width, values, reader.view.byteLength - reader.offset);
}

/**
 * Skips `length` bytes of runs, which have `values` values of `width` bits. Returns how many of the values are `wanted`.
 */
function checkRuns(reader: Reader, width: number, values: number, length: number, wanted?: number): number {
  const { view } = reader;
  const end = reader.offset + length;
  let found = 0;
  for (let seen = 0; seen < values && reader.offset < view.byteLength; ) {
    const header = readVarInt(reader) >>> 0;
    const isPacked = (header & 1) === 1;
    const count = isPacked ? (header >>> 1) * 8 : header >>> 1;
    const left = values - seen;
    if (count > left + (isPacked ? MOST_PADDING : 0))
      throw new TypeError(`a page of ${values} values has a run of ${count}`);
    const size = isPacked ? (count / 8) * width : (width + 7) >> 3;
    if (wanted !== undefined) {
      const bits = new BitReader(view, reader.offset, size);
      if (!isPacked) found += bits.next(8 * size) === wanted ? count : 0;
      else for (let i = 0; i < Math.min(count, left); i++) found += bits.next(width) === wanted ? 1 : 0;
    }
    reader.offset += size;
    seen += count;
  }
  reader.offset = end;
  return found;
}

/** Numbers of a few bits, the lowest first; missing bytes are 0. */
class BitReader {
  readonly #bytes: Uint8Array;
  #bit = 0;

  constructor(view: DataView<ArrayBuffer>, offset: number, size: number) {
    const length = Math.max(0, Math.min(size, view.byteLength - offset));
    this.#bytes = new Uint8Array(view.buffer, view.byteOffset + offset, length);
  }

  next(width: number): number {
    let value = 0;
    for (let i = 0; i < width; i++, this.#bit++)
      value |= (((this.#bytes[this.#bit >> 3] ?? 0) >> (this.#bit & 7)) & 1) << i;
    return value;
  }
}

function checkCount(values: number | undefined): asserts values is number {
  if (values !== undefined && values >= 0 && values <= MOST_VALUES) return;
  throw new TypeError(`a page claims ${values} values; at most ${MOST_VALUES} are read`);
}

const readerOf = (bytes: Uint8Array): Reader => ({
  view: new DataView(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength),
  offset: 0,
});

/** Bits of a level. */
const widthOf = (most: number) => 32 - Math.clz32(most);
