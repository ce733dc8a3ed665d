import type { Bytes } from '../../../base/bytes.js';
import { Gpt2Error } from '../../../base/errors.js';

/** The first bytes of a PNG file. */
export const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** A part of a PNG file. */
export interface PngChunk {
  /** Four letters; the first is upper case if no reader may skip the chunk. */
  readonly type: string;
  /** The content, or less if the file ends within it. */
  readonly data: Bytes;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** The CRC-32 of bytes. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/**
 * The chunks of a PNG file up to its end. A damaged chunk throws `invalid-file` if the picture needs it, and is
 * left out otherwise.
 */
export function* pngChunks(file: Bytes): Generator<PngChunk> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = PNG_SIGNATURE.length;
  while (at + 8 <= file.length) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    const data = file.subarray(at + 8, at + 8 + length);
    const end = at + 8 + length;
    const isWhole = end + 4 <= file.length;
    if (!/^[A-Za-z]{4}$/.test(type)) throw damaged(`a chunk has an impossible name at byte ${at + 4}`);
    const isRight = isWhole && crc32(file.subarray(at + 4, end)) === view.getUint32(end);
    const isNeeded = type < 'a';
    if (isWhole && isNeeded && !isRight) throw damaged(`the checksum of its chunk ${type} is wrong`);
    if (type === 'IEND') return;
    if (isRight || (isNeeded && !isWhole)) yield { type, data };
    at = end + 4;
  }
}

function damaged(how: string): Gpt2Error {
  return new Gpt2Error('invalid-file', `the PNG is damaged: ${how}`);
}
