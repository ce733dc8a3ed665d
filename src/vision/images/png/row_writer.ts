import type { Bytes } from '../../../base/bytes.js';
import { GRAY, GRAY_ALPHA, PALETTE, type PngHeader, RGB } from './header.js';
import type { Pass } from './passes.js';

/** Writes a row of a pass, without its filter byte, to the picture. */
export type RowWriter = (row: Uint8Array, pass: Pass, y: number) => void;

/**
 * The writer of rows to `rgb`. Alpha is dropped; of 16 bits the upper 8 are taken, except of gray without alpha, which
 * Pillow clips at 255.
 */
export function rowWriter(header: PngHeader, palette: Bytes, rgb: Uint8Array): RowWriter {
  const { width, depth, kind, samples } = header;
  if (depth < 8 || kind === PALETTE) return lookedUp(header, colours(header, palette), rgb);
  const sampleBytes = depth / 8;
  const step = samples * sampleBytes;
  if (kind === GRAY && depth === 16) return clippedGray(width, rgb);
  const isGray = kind === GRAY || kind === GRAY_ALPHA;
  const [green, blue] = isGray ? [0, 0] : [sampleBytes, 2 * sampleBytes];
  return (row, pass, y) => {
    let to = ((pass.y + y * pass.dy) * width + pass.x) * 3;
    if (kind === RGB && depth === 8 && pass.dx === 1) {
      rgb.set(row.subarray(0, pass.rowBytes), to);
      return;
    }
    for (let x = 0, from = 0; x < pass.width; x++, from += step, to += pass.dx * 3) {
      rgb[to] = row[from]!;
      rgb[to + 1] = row[from + green]!;
      rgb[to + 2] = row[from + blue]!;
    }
  };
}

/** Red, green and blue of each value of a sample of at most 8 bits. */
function colours({ depth, kind }: PngHeader, palette: Bytes): Uint8Array {
  const table = new Uint8Array(256 * 3);
  // A value beyond the end of the palette is black, as in Pillow.
  if (kind === PALETTE) table.set(palette.subarray(0, table.length - (table.length % 3)));
  else
    for (let value = 0; value < 2 ** depth; value++)
      table.fill((value * 255) / (2 ** depth - 1), value * 3, value * 3 + 3);
  return table;
}

function lookedUp({ width, depth }: PngHeader, table: Uint8Array, rgb: Uint8Array): RowWriter {
  const mask = 2 ** depth - 1;
  return (row, pass, y) => {
    let to = ((pass.y + y * pass.dy) * width + pass.x) * 3;
    for (let x = 0, bit = 0; x < pass.width; x++, bit += depth, to += pass.dx * 3) {
      const colour = ((row[bit >> 3]! >> (8 - depth - (bit & 7))) & mask) * 3;
      rgb[to] = table[colour]!;
      rgb[to + 1] = table[colour + 1]!;
      rgb[to + 2] = table[colour + 2]!;
    }
  };
}

function clippedGray(width: number, rgb: Uint8Array): RowWriter {
  return (row, pass, y) => {
    let to = ((pass.y + y * pass.dy) * width + pass.x) * 3;
    for (let x = 0; x < pass.width; x++, to += pass.dx * 3) {
      const value = row[2 * x] === 0 ? row[2 * x + 1]! : 255;
      rgb[to] = value;
      rgb[to + 1] = value;
      rgb[to + 2] = value;
    }
  };
}
