import { deflateSync } from 'node:zlib';

/** A picture as samples, and how a PNG file holds it. */
export interface PngPicture {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** 0: gray, 2: RGB, 3: palette, 4: gray and alpha, 6: RGB and alpha. */
  readonly kind: keyof typeof SAMPLES;
  /** Row by row, SAMPLES[kind] for each pixel. */
  readonly samples: readonly number[];
  readonly interlaced?: boolean;
  /** The filter of the n-th row that is written, 0 to 4. */
  readonly filterOf?: (row: number) => number;
  /** Chunks between the header and the pixels. */
  readonly chunks?: readonly (readonly [type: string, data: Uint8Array])[];
  /** Most bytes of a chunk of pixels. */
  readonly part?: number;
}

/** Samples of a pixel, by kind. */
export const SAMPLES = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;

const SEVEN = ['0 0 8 8', '4 0 8 8', '0 4 4 8', '2 0 4 4', '0 2 2 4', '1 0 2 2', '0 1 1 2'];

/** A PNG file of a picture. */
export function writePng(picture: PngPicture): Uint8Array<ArrayBuffer> {
  const { chunks = [], part = Infinity } = picture;
  const data = deflateSync(filteredRows(picture));
  const parts: [string, Uint8Array][] = [];
  for (let at = 0; at < data.length; at += part) parts.push(['IDAT', data.subarray(at, at + part)]);
  const all: (readonly [string, Uint8Array])[] = [
    ['IHDR', header(picture)],
    ...chunks,
    ...parts,
    ['IEND', new Uint8Array()],
  ];
  return Uint8Array.from(Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...all.map(chunk)]));
}

/** The content of the chunk IHDR. */
export function header({ width, height, depth, kind, interlaced }: Omit<PngPicture, 'samples'>): Uint8Array {
  const bytes = Buffer.alloc(13);
  bytes.writeUInt32BE(width, 0);
  bytes.writeUInt32BE(height, 4);
  bytes.set([depth, kind, 0, 0, interlaced ? 1 : 0], 8);
  return bytes;
}

/** A chunk with its length and checksum. */
export function chunk([type, data]: readonly [string, Uint8Array]): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(named.length + 8);
  out.writeUInt32BE(data.length, 0);
  out.set(named, 4);
  out.writeUInt32BE(remainder(named), named.length + 4);
  return out;
}

/** CRC-32, a bit at a time. */
function remainder(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function filteredRows(picture: PngPicture): Buffer {
  const { width, height, depth, kind, samples, interlaced = false, filterOf = () => 0 } = picture;
  const perPixel = SAMPLES[kind];
  const step = Math.max(1, (perPixel * depth) / 8);
  const rows: number[][] = [];
  for (const pass of interlaced ? SEVEN : ['0 0 1 1']) {
    const [left, top, right, down] = pass.split(' ').map(Number) as [number, number, number, number];
    if (left >= width) continue;
    let above: number[] = [];
    for (let y = top; y < height; y += down) {
      let bits = '';
      for (let x = left; x < width; x += right) {
        for (let i = 0; i < perPixel; i++) {
          bits += samples[(y * width + x) * perPixel + i]!.toString(2).padStart(depth, '0');
        }
      }
      const row = bits.match(/.{1,8}/g)!.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
      const filter = filterOf(rows.length);
      rows.push([
        filter,
        ...row.map(
          (byte, i) =>
            (byte - predicted(filter, row[i - step] ?? 0, above[i] ?? 0, above[i - step] ?? 0)) & 255,
        ),
      ]);
      above = row;
    }
  }
  return Buffer.from(rows.flat());
}

/** The byte that a filter expects, by its neighbours on the left, above, and above on the left. */
function predicted(filter: number, left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const nearest = [left, above, corner].sort((a, b) => Math.abs(guess - a) - Math.abs(guess - b));
  return [0, left, above, Math.floor((left + above) / 2), nearest[0]!][filter]!;
}
