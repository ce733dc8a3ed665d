import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { readVarInt } from 'hyparquet/src/thrift.js';

/** Most bytes that a byte of a page stands for if its texts share their beginnings. */
const MOST_GROWTH = 1032;
/** Groups of bit-packed values are whole: a last run may have so many more than are left. */
const MOST_PADDING = 504;

/** Bytes and how many were read. */
export interface Reader {
  readonly view: DataView<ArrayBuffer>;
  offset: number;
}

export const isDictionary = (encoding: string | undefined) =>
  encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY';

/** Checks the values of a page; hyparquet reads other encodings safely, or refuses them. */
export function checkValues(reader: Reader, encoding: string | undefined, values: number): void {
  const left = reader.view.byteLength - reader.offset;
  if (encoding === 'RLE') checkRuns(reader, 1, values, prefixed(reader));
  else if (isDictionary(encoding)) checkIndices(reader, values);
  else if (encoding === 'PLAIN' || encoding === 'BYTE_STREAM_SPLIT') checkCount(values, 8 * left);
  else if (encoding?.startsWith('DELTA_')) checkDeltas(reader, encoding, values);
}

/**
 * Checks numbers as differences, the lengths of texts before the texts, and the lengths of the beginnings that texts
 * share with those before them.
 */
function checkDeltas(reader: Reader, encoding: string, values: number): void {
  const left = reader.view.byteLength - reader.offset;
  if (encoding === 'DELTA_BINARY_PACKED') {
    checkBlocks(reader, values);
    return;
  }
  const lengths = new Int32Array(values);
  let bytes = 0;
  for (let lists = encoding === 'DELTA_BYTE_ARRAY' ? 2 : 1; lists > 0; lists--) {
    checkBlocks(reader, values);
    deltaBinaryUnpack(reader, values, lengths);
    for (const length of lengths) bytes += Math.max(0, length);
  }
  if (bytes > MOST_GROWTH * left)
    throw new TypeError(`a page of ${left} bytes claims texts of ${bytes} bytes`);
}

/** The size of blocks, and how many parts each has, whose widths are a byte each. */
function checkBlocks({ view, offset }: Reader, values: number): void {
  // The first value is in the header.
  if (values < 2) return;
  const header = { view, offset };
  readVarInt(header);
  const parts = readVarInt(header);
  if (!(parts >= 0 && parts <= view.byteLength - header.offset))
    throw new TypeError(`a block of a page of ${view.byteLength} bytes claims ${parts} parts`);
}

/** The length in bytes that stands before some runs. */
export function prefixed(reader: Reader): number {
  reader.offset += 4;
  return reader.view.getUint32(reader.offset - 4, true);
}

/** The numbers of a dictionary's values, after their width in bits. */
export function checkIndices(reader: Reader, values: number): void {
  if (values === 0) return;
  const width = reader.view.getUint8(reader.offset++);
  checkRuns(reader, width, values, reader.view.byteLength - reader.offset);
}

/**
 * Skips `length` bytes of runs, which have `values` values of `width` bits. Returns how many of the values are `wanted`.
 */
export function checkRuns(
  reader: Reader,
  width: number,
  values: number,
  length: number,
  wanted?: number,
): number {
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

export function checkCount(values: number | undefined, most: number): asserts values is number {
  if (Number.isInteger(values) && values! >= 0 && values! <= most) return;
  throw new TypeError(`a page claims ${values} values or bytes; it can have ${most}`);
}

export const readerOf = (bytes: Uint8Array): Reader => ({
  view: new DataView(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength),
  offset: 0,
});

/** Bits of a level. */
export const widthOf = (most: number) => 32 - Math.clz32(most);
