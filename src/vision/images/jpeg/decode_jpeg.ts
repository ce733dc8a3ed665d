import type { Bytes } from '../../../base/bytes.js';
import { exifOrientation, xmpOrientation } from '../exif.js';
import { upright } from '../orientation.js';
import type { RgbImage } from '../rgb_image.js';
import { writeBlocks } from './block_decoders.js';
import { colourSpace, ROW_COLOURS } from './colours.js';
import { cutOffJpeg, damagedJpeg } from './damaged.js';
import { defaultTables } from './default_tables.js';
import { type Frame, readFrame } from './frame.js';
import { huffmanTable } from './huffman.js';
import { decodeScan } from './scan.js';
import { readScan, type Tables } from './scan_header.js';
import { upsampler } from './upsample.js';
import { ZIGZAG } from './zigzag.js';

/** Most scans of a file: each may pass over all blocks of the picture, in few bytes. */
const MOST_SCANS = 500;

/** Markers of JPEG files: FF and one of these. */
const DHT = 0xc4;
const JPG = 0xc8;
const DAC = 0xcc;
const RST0 = 0xd0;
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const DRI = 0xdd;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP14 = 0xee;
const TEM = 0x01;

const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![DHT, JPG, DAC].includes(marker);

/** Decodes a JPEG file to the same pixels as libjpeg-turbo. Throws `invalid-file` and `unsupported`. */
export function decodeJpeg(file: Bytes, maxPixels: number): RgbImage {
  return new JpegDecoder(file, maxPixels).decode();
}

class JpegDecoder {
  readonly #file: Bytes;
  readonly #maxPixels: number;
  readonly #tables: Tables = { dc: [], ac: [], steps: [], restartInterval: 0 };
  #frame: Frame | undefined;
  #hasJfif = false;
  #adobe: number | undefined;
  #exif: number | undefined;
  #xmp: number | undefined;
  #scans = 0;

  constructor(file: Bytes, maxPixels: number) {
    this.#file = file;
    this.#maxPixels = maxPixels;
  }

  decode(): RgbImage {
    const file = this.#file;
    let at = 2;
    while (true) {
      while (at + 1 < file.length && !(file[at] === 0xff && file[at + 1]! > 0 && file[at + 1]! < 0xff)) at++;
      const marker = file[at + 1];
      // Without the end marker, pixels may be complete, but a progressive file may lack scans.
      if (marker === undefined && this.#frame?.isProgressive) throw cutOffJpeg('before its last scan');
      if (marker === undefined || marker === EOI) break;
      if ((marker >= RST0 && marker <= SOI) || marker === TEM) {
        at += 2;
        continue;
      }
      if (at + 4 > file.length) throw cutOffJpeg('within a header');
      const end = at + 2 + ((file[at + 2]! << 8) | file[at + 3]!);
      if (end > file.length) throw cutOffJpeg('within a header');
      if (end < at + 4) throw damagedJpeg('a segment has an impossible length');
      const data = file.subarray(at + 4, end);
      at = marker === SOS ? this.#decodeScan(data, end) : end;
      this.#readSegment(marker, data);
    }
    return this.#image();
  }

  #readSegment(marker: number, data: Bytes): void {
    if (isFrame(marker)) {
      if (this.#frame !== undefined) throw damagedJpeg('it has two frames');
      this.#frame = readFrame(marker, data, this.#maxPixels, this.#file.length);
    } else if (marker === DHT) this.#readHuffmanTables(data, this.#tables);
    else if (marker === DQT) this.#readSteps(data);
    else if (marker === DRI && data.length >= 2) this.#tables.restartInterval = (data[0]! << 8) | data[1]!;
    else if (marker === APP0) this.#hasJfif ||= data.length >= 12 && startsWith(data, 'JFIF\0');
    else if (marker === APP14 && data.length >= 12 && startsWith(data, 'Adobe')) this.#adobe = data[11]!;
    else if (marker === APP1 && startsWith(data, EXIF)) {
      this.#exif ??= exifOrientation(data);
    } else if (marker === APP1 && startsWith(data, XMP))
      this.#xmp = xmpOrientation(data.subarray(XMP.length));
  }

  #readHuffmanTables(data: Bytes, tables: Pick<Tables, 'dc' | 'ac'>): void {
    for (let at = 0; at < data.length; ) {
      const counts = data.subarray(at + 1, at + 17);
      const symbols = counts.reduce((sum, count) => sum + count, 0);
      const [kind, index] = [data[at]! >> 4, data[at]! & 15];
      const end = at + 17 + symbols;
      if (end > data.length || symbols > 256 || kind > 1 || index > 3)
        throw damagedJpeg('a Huffman table is malformed');
      const table = huffmanTable(counts, data.subarray(at + 17, end));
      tables[kind === 0 ? 'dc' : 'ac'][index] = table;
      at = end;
    }
  }

  #readSteps(data: Bytes): void {
    for (let at = 0; at < data.length; ) {
      const [size, index] = [(data[at]! >> 4) + 1, data[at]! & 15];
      const end = at + 1 + 64 * size;
      if (end > data.length || size > 2 || index > 3) throw damagedJpeg('a quantization table is malformed');
      const steps = new Uint16Array(64);
      for (let k = 0, from = at + 1; k < 64; k++, from += size) {
        steps[ZIGZAG[k]!] = size === 1 ? data[from]! : (data[from]! << 8) | data[from + 1]!;
      }
      this.#tables.steps[index] = steps;
      at = end;
    }
  }

  #decodeScan(data: Bytes, start: number): number {
    if (this.#frame === undefined) throw damagedJpeg('a scan comes before the frame header');
    if (++this.#scans > MOST_SCANS) throw damagedJpeg(`it has more than ${MOST_SCANS} scans`);
    if (!this.#frame.isProgressive) this.#addDefaultTables();
    const scan = readScan(data, this.#frame, this.#tables);
    return decodeScan(this.#file, start, this.#frame, scan, this.#tables);
  }

  #addDefaultTables(): void {
    const { dc, ac } = this.#tables;
    if (dc[0] && dc[1] && ac[0] && ac[1]) return;
    const defaults: Pick<Tables, 'dc' | 'ac'> = { dc: [], ac: [] };
    this.#readHuffmanTables(defaultTables(), defaults);
    for (const index of [0, 1]) {
      dc[index] ??= defaults.dc[index];
      ac[index] ??= defaults.ac[index];
    }
  }

  #image(): RgbImage {
    const frame = this.#frame;
    if (frame === undefined) throw cutOffJpeg('before its frame header');
    const { width, height, components, maxH } = frame;
    if (components.some(({ steps }) => steps === undefined)) throw cutOffJpeg('before all of its scans');
    if (frame.isProgressive) for (const component of components) writeBlocks(component);
    const ids = components.map(({ id }) => id);
    const write = ROW_COLOURS[colourSpace({ ids, hasJfif: this.#hasJfif, adobe: this.#adobe })];
    const upsamplers = components.map((component) => upsampler(component, frame));
    const rows = components.map(() => new Uint8Array(Math.ceil(width / maxH) * maxH + maxH));
    const rgb = new Uint8Array(width * height * 3);
    for (let y = 0; y < height; y++) {
      for (const [i, upsample] of upsamplers.entries()) upsample(y, rows[i]!);
      write(rows, width, rgb, y * width * 3);
    }
    return upright({ width, height, rgb }, this.#exif ?? this.#xmp ?? 1);
  }
}

const EXIF = 'Exif\0\0';
const XMP = 'http://ns.adobe.com/xap/1.0/\0';

function startsWith(data: Bytes, text: string): boolean {
  return [...text].every((letter, i) => data[i] === letter.charCodeAt(0));
}
