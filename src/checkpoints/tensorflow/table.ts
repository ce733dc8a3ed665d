import { Gpt2Error } from '../../base/errors.js';
import { readVarint } from '../../files/varint.js';
import { maskedCrc32c } from './crc32c.js';

/** Bytes at the end of a table: the places of two blocks, padded, and a number that tells the format. */
const FOOTER_BYTES = 48;
const MAGIC = 0xdb4775248b80fb57n;
/** Bytes after a block: its compression and its checksum. */
const TRAILER_BYTES = 5;
/** Most entries: a model has 12 tensors a layer, and an optimizer some more for each of them. */
const MOST_ENTRIES = 2 ** 16;
/** Longest key: names of tensors have some ten characters. */
const MOST_KEY_BYTES = 1024;

/** Bytes `offset` to `offset + size` of a table, where a block is. */
interface Place {
  readonly offset: number;
  readonly size: number;
  /** The position after the place itself. */
  readonly end: number;
}

/**
 * The entries of a table of LevelDB, in which TensorFlow lists the tensors of a checkpoint. `where` names it.
 * Throws `invalid-file`, also for a wrong checksum, and `unsupported` for compressed blocks.
 *
 * Format: https://github.com/google/leveldb/blob/main/doc/table_format.md
 */
export function* tableEntries(table: Uint8Array, where: string): Generator<[key: string, value: Uint8Array]> {
  const footer = table.length - FOOTER_BYTES;
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  if (footer < 0 || view.getBigUint64(table.length - 8, true) !== MAGIC) {
    throw new Gpt2Error('invalid-file', `${where} is no index of a TensorFlow checkpoint, or is cut off`);
  }
  const place = (bytes: Uint8Array, at: number): Place => {
    const { value: offset, end: middle } = readVarint(bytes, at, where);
    const { value: size, end } = readVarint(bytes, middle, where);
    return { offset, size, end };
  };
  // The first place is that of a block with facts about the table, which is not needed.
  const index = place(table, place(table, footer).end);
  let count = 0;
  let blocksEnd = 0;
  for (const [, value] of blockEntries(blockAt(table, index, where), where)) {
    const data = place(value, 0);
    // Blocks that overlap would make a short file very many entries.
    if (data.offset < blocksEnd) throw damaged(where, 'its blocks overlap');
    blocksEnd = data.offset + data.size;
    for (const entry of blockEntries(blockAt(table, data, where), where)) {
      if (++count > MOST_ENTRIES) throw damaged(where, `it has more than ${MOST_ENTRIES} entries`);
      yield entry;
    }
  }
}

/** The bytes of a block, whose checksum is right. */
function blockAt(table: Uint8Array, { offset, size }: Place, where: string): Uint8Array {
  const end = offset + size;
  if (end + TRAILER_BYTES > table.length) throw damaged(where, `a block ends at byte ${end}, after the file`);
  const sum = new DataView(table.buffer, table.byteOffset + end + 1).getUint32(0, true);
  if (maskedCrc32c(table.subarray(offset, end + 1)) !== sum) {
    throw damaged(where, `the checksum of the block at byte ${offset} is wrong`);
  }
  if (table[end] !== 0) {
    throw new Gpt2Error(
      'unsupported',
      `${where} is compressed${table[end] === 1 ? ' by Snappy' : ''}, as TensorFlow never writes it, and is not read`,
    );
  }
  return table.subarray(offset, end);
}

/** The entries of a block: each key shares its beginning with the one before. */
function* blockEntries(block: Uint8Array, where: string): Generator<[key: string, value: Uint8Array]> {
  const { length } = block;
  const view = new DataView(block.buffer, block.byteOffset, length);
  // At the end are the places of keys that share nothing, and their number.
  const restarts = length < 4 ? -1 : view.getUint32(length - 4, true);
  const end = length - 4 - 4 * restarts;
  if (restarts < 0 || end < 0) throw damaged(where, 'a block has no end');
  const key = new Uint8Array(MOST_KEY_BYTES);
  let keyLength = 0;
  for (let at = 0; at < end; ) {
    const shared = readVarint(block, at, where);
    const own = readVarint(block, shared.end, where);
    const value = readVarint(block, own.end, where);
    const keyEnd = value.end + own.value;
    const next = keyEnd + value.value;
    if (shared.value > keyLength || shared.value + own.value > MOST_KEY_BYTES || next > end) {
      throw damaged(where, `the entry at byte ${at} of a block is wrong`);
    }
    keyLength = shared.value + own.value;
    key.set(block.subarray(value.end, keyEnd), shared.value);
    yield [new TextDecoder().decode(key.subarray(0, keyLength)), block.subarray(keyEnd, next)];
    at = next;
  }
}

function damaged(where: string, problem: string): Gpt2Error {
  return new Gpt2Error('invalid-file', `${where} is damaged: ${problem}`);
}
