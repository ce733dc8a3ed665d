import type { Bytes } from '../../../base/bytes.js';
import { Gpt2Error } from '../../../base/errors.js';
import { upright } from '../orientation.js';
import { checkPixels, type RgbImage } from '../rgb_image.js';
import { type PngChunk, pngChunks } from './chunks.js';
import { PALETTE, type PngHeader, readHeader } from './header.js';
import { pngOrientation } from './orientation.js';
import { rowWriter } from './row_writer.js';
import { canHoldRows, readRows } from './rows.js';

/** Decodes a PNG file: the still picture of an animated one. Throws `invalid-file`, or `unsupported` if it is too large. */
export function decodePng(file: Bytes, maxPixels: number): RgbImage {
  let header: PngHeader | undefined;
  let palette: Bytes = new Uint8Array(0);
  const compressed: Bytes[] = [];
  const others: PngChunk[] = [];
  for (const chunk of pngChunks(file)) {
    if (header === undefined) {
      if (chunk.type !== 'IHDR') throw new Gpt2Error('invalid-file', 'the PNG does not begin with a header');
      header = readHeader(chunk.data);
      checkPixels(header.width, header.height, maxPixels);
    } else if (chunk.type === 'PLTE') palette = chunk.data;
    else if (chunk.type === 'IDAT') compressed.push(chunk.data);
    else others.push(chunk);
  }
  if (header === undefined) throw new Gpt2Error('invalid-file', 'the PNG is cut off before its header');
  if (header.kind === PALETTE && palette.length < 3) {
    throw new Gpt2Error('invalid-file', 'the PNG has no palette, which its pixels refer to');
  }
  const { width, height } = header;
  if (!canHoldRows(header, compressed)) {
    throw new Gpt2Error(
      'invalid-file',
      `the PNG is cut off: its data is too short for ${width} x ${height} pixels`,
    );
  }
  const rgb = new Uint8Array(width * height * 3);
  readRows(header, compressed, rowWriter(header, palette, rgb));
  return upright({ width, height, rgb }, pngOrientation(others) ?? 1);
}
