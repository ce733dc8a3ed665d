import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import type { ColumnMetaData, Compressors, FileMetaData, PageHeader } from 'hyparquet/src/index.js';
import { parquetSchema } from 'hyparquet/src/index.js';
import {
  getMaxDefinitionLevel,
  getMaxRepetitionLevel,
  getTreePath,
  isFlatColumn,
} from 'hyparquet/src/schema.js';
import { partitionPoint } from '../../../base/partition_point.js';
import { checkThrift } from './parquet_thrift.js';
import {
  checkCount,
  checkIndices,
  checkRuns,
  checkValues,
  isDictionary,
  prefixed,
  type Reader,
  readerOf,
  widthOf,
} from './parquet_values.js';

/** Most values of a page. */
const MOST_VALUES = 1e7;
/** Most bytes of all pages, unpacked: columns may share a page. Texts become a tenth when they are packed. */
const MOST_BYTES = 2 ** 23;
const MOST_BYTES_FOR_A_BYTE = 64;
/** How often the pages are checked: hyparquet reads them twice. */
const READS = 2;

/** A column of a group of rows. */
interface Column {
  readonly meta: ColumnMetaData;
  /** Position of its first page in the file. */
  readonly first: number;
  /** Bytes of its pages. */
  readonly size: number;
  /** Most values of a page. */
  readonly most: number;
  /** Most definition and repetition level. */
  readonly definition: number;
  readonly repetition: number;
}

/**
 * Gives a function that checks the pages of the columns that lie within some bytes of a file, from `start` on: hyparquet
 * reserves room for as many values as a damaged page claims, and writes a run of equal ones one by one. The function throws
 * a TypeError for a page that claims more than it can have, and what hyparquet throws for pages that it cannot read.
 */
export function pageChecker(
  metadata: FileMetaData,
  compressors: Compressors,
  byteLength: number,
): (bytes: ArrayBuffer, start: number) => void {
  const schema = parquetSchema(metadata);
  const columns = metadata.row_groups.flatMap(({ columns, num_rows: rows }) =>
    columns.flatMap(({ meta_data: meta }) => {
      if (meta === undefined) return [];
      const path = getTreePath(schema, meta.path_in_schema);
      // As hyparquet takes it: 0 stands for no dictionary.
      const first = Number(meta.dictionary_page_offset || meta.data_page_offset);
      const size = Number(meta.total_compressed_size);
      if (!(first >= 0 && size >= 0))
        throw new TypeError(`the column ${meta.path_in_schema.join('.')} has ${size} bytes from ${first} on`);
      return {
        ...{ meta, first, size },
        most: Math.min(MOST_VALUES, Number(isFlatColumn(path) ? rows : meta.num_values)),
        definition: getMaxDefinitionLevel(path),
        repetition: getMaxRepetitionLevel(path),
      };
    }),
  );
  columns.sort((a, b) => a.first - b.first);
  let left = READS * (MOST_BYTES + MOST_BYTES_FOR_A_BYTE * byteLength);
  const takeBytes = (count: number) => {
    left -= count;
    if (left < 0) throw new TypeError(`its pages have more than ${MOST_BYTES_FOR_A_BYTE} times its bytes`);
  };
  return (bytes, start) => {
    const end = start + bytes.byteLength;
    for (let i = firstFrom(columns, start); i < columns.length && columns[i]!.first < end; i++) {
      const column = columns[i]!;
      const at = column.first - start;
      if (at + column.size > bytes.byteLength) continue;
      checkColumn({ view: new DataView(bytes, at, column.size), offset: 0 }, column, compressors, takeBytes);
    }
  };
}

/** Index of the first of some sorted columns that begins at `start` or behind it. */
function firstFrom(columns: readonly Column[], start: number): number {
  return partitionPoint(0, columns.length, (index) => columns[index]!.first < start);
}

function checkColumn(
  reader: Reader,
  column: Column,
  compressors: Compressors,
  takeBytes: (count: number) => void,
): void {
  const { view } = reader;
  while (reader.offset < view.byteLength - 1) {
    checkThrift(view, reader.offset);
    const header = parquetHeader(reader);
    const size = header.compressed_page_size;
    if (!(size >= 0 && reader.offset + size <= view.byteLength))
      throw new TypeError(`a page of ${size} bytes goes beyond its column`);
    const bytes = new Uint8Array(view.buffer, view.byteOffset + reader.offset, size);
    reader.offset += size;
    takeBytes(Math.max(size, header.uncompressed_page_size));
    if (header.type === 'DATA_PAGE') checkPage(bytes, header, column, compressors);
    else if (header.type === 'DATA_PAGE_V2') checkPageV2(bytes, header, column, compressors);
    else checkCount(header.dictionary_page_header?.num_values ?? 0, 8 * header.uncompressed_page_size);
  }
}

function checkPage(
  bytes: Uint8Array<ArrayBuffer>,
  header: PageHeader,
  { meta, most, definition, repetition }: Column,
  compressors: Compressors,
): void {
  const { num_values: all, encoding } = header.data_page_header ?? {};
  checkCount(all, most);
  const reader = readerOf(decompressPage(bytes, header.uncompressed_page_size, meta.codec, compressors));
  if (repetition > 0) checkRuns(reader, widthOf(repetition), all, prefixed(reader));
  const values =
    definition > 0 ? checkRuns(reader, widthOf(definition), all, prefixed(reader), definition) : all;
  const areRuns = encoding === 'RLE' || isDictionary(encoding);
  if (!areRuns) checkValues(reader, encoding, values);
  else if (meta.type === 'BOOLEAN') checkRuns(reader, 1, values, prefixed(reader));
  else checkIndices(reader, values);
}

function checkPageV2(
  bytes: Uint8Array<ArrayBuffer>,
  { data_page_header_v2: page, uncompressed_page_size: whole }: PageHeader,
  { meta, most, definition, repetition }: Column,
  compressors: Compressors,
): void {
  checkCount(page?.num_values, most);
  const {
    num_values: all,
    num_nulls: nulls,
    num_rows: rows,
    encoding,
    is_compressed: mayBeCompressed,
  } = page!;
  const { repetition_levels_byte_length: first, definition_levels_byte_length: second } = page!;
  checkCount(nulls, all);
  checkCount(rows, all);
  checkCount(first, bytes.length);
  checkCount(second, bytes.length);
  const levels = readerOf(bytes);
  if (repetition > 0) checkRuns(levels, widthOf(repetition), all, first);
  if (definition > 0) checkRuns(levels, widthOf(definition), all, second);
  const rest = bytes.subarray(first + second);
  const size = whole - first - second;
  const isCompressed = mayBeCompressed !== false && size > 0;
  const reader = readerOf(isCompressed ? decompressPage(rest, size, meta.codec, compressors) : rest);
  checkValues(reader, encoding, all - nulls);
}
