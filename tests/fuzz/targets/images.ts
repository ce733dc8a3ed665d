import { readdirSync, readFileSync } from 'node:fs';
import { decodeImage } from '../../../src/vision/images/decode_image.js';
import type { Target } from '../target.js';

const JPEGS = new URL('../../fixtures/jpegs/', import.meta.url);
const PNGS = new URL('../../fixtures/cross/images/', import.meta.url);

const filesIn = (folder: URL, ending: RegExp) =>
  readdirSync(folder)
    .filter((name) => ending.test(name))
    .map((name) => new Uint8Array(readFileSync(new URL(name, folder))))
    .filter(({ length }) => length < 20_000);

export const IMAGES: Target = {
  ...{ name: 'images', kind: 'bytes' },
  words: ['\u00ff\u00d8', 'IHDR', 'IDAT', 'PLTE', 'tRNS', 'IEND', 'Exif', 'eXIf', 'acTL'],
  seeds: () => [...filesIn(JPEGS, /\.jpe?g$/), ...filesIn(PNGS, /\.(png|jpe?g)$/)],
  async read(input) {
    const { rgb, width, height } = await decodeImage(input.slice().buffer, { maxPixels: 10_000 });
    if (rgb.length !== 3 * width * height) throw new Error(`${rgb.length} bytes of ${width} x ${height}`);
  },
};
