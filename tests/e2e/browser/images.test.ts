import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeImage } from '../../../src/vision/images/decode_image.js';
import { CHROMIUM, Chromium } from './chromium.js';

const root = new URL('../../../', import.meta.url);
const path = (name: string) => fileURLToPath(new URL(name, root));

interface Found {
  readonly width: number;
  readonly height: number;
  readonly rgb: readonly number[];
}

const images = suite('images in Chromium');
let chromium: Chromium;

images.before(async () => {
  const contents = `
    export { decodeImage } from './src/vision/images/decode_image.ts';
    export { readImage } from './src/vision/images/image_input.ts';`;
  const stdin = { contents, resolveDir: path('.'), loader: 'ts' } as const;
  await build({
    stdin,
    bundle: true,
    format: 'esm',
    logLevel: 'error',
    outfile: path('build/tests/images.js'),
  });
  chromium = await Chromium.start();
});
images.after(() => chromium.close());

const FILES = [
  'tests/fixtures/cross/images/wide.png',
  'tests/fixtures/cross/images/rotated.jpg',
  'tests/fixtures/jpegs/progressive.jpg',
  'tests/fixtures/jpegs/cmyk.jpg',
];

/** Pixels of 4 x 3: no two are alike. */
const COLOURS = Array.from({ length: 12 }, (_, i) => [i * 20, 255 - i * 20, i * 7]);
/** Lossless, by Pillow, with alpha 0, 1, 128 and 255 in turn. */
const WEBP =
  'UklGRj4AAABXRUJQVlA4TDEAAAAvA4AAEF+goG0bhj9Xc2h3QAzFHAgICpZ3vQghb+b/DQQBJAqxxDLLLLNMGtH/wHQHAA==';

/** A BMP file of two pixels, red and blue. */
function bmp(): Buffer {
  const file = Buffer.alloc(62);
  file.write('BM');
  for (const [at, value] of [
    [2, 62],
    [10, 54],
    [14, 40],
    [18, 2],
    [22, 1],
    [34, 8],
  ] as const) {
    file.writeUInt32LE(value, at);
  }
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  file.set([0, 0, 255, 255, 0, 0], 54);
  return file;
}

images('files become the bits of Node, other formats and all that can be drawn their colours', async () => {
  const found = await chromium.run<{
    readonly files: readonly Found[];
    readonly others: readonly Found[];
    readonly forms: Readonly<Record<string, Found>>;
    readonly element: Found;
    readonly reasons: readonly string[];
  }>('images', {
    paths: FILES.map((name) => `/${name}`),
    base64s: [WEBP, bmp().toString('base64')],
    ...{ width: 4, height: 3, rgba: COLOURS.flatMap((colour) => [...colour, 255]) },
    refused: Buffer.from('\0\0\0\x1cftypheic', 'latin1').toString('base64'),
  });
  for (const [i, name] of FILES.entries()) {
    const { width, height, rgb } = await decodeImage(readFileSync(new URL(name, root)));
    assert.equal(found.files[i], { width, height, rgb: [...rgb] }, name);
  }
  const drawn = { width: 4, height: 3, rgb: COLOURS.flat() };
  assert.equal(found.others, [drawn, { width: 2, height: 1, rgb: [255, 0, 0, 0, 0, 255] }]);
  assert.equal(Object.keys(found.forms), ['data', 'offscreen', 'canvas', 'bitmap', 'frame']);
  for (const [form, image] of Object.entries(found.forms)) assert.equal(image, drawn, form);
  assert.equal(found.element, found.files[0]);
  assert.match(found.reasons[0]!, /^invalid-option: the image has no pixels yet/);
  assert.match(found.reasons[1]!, /^invalid-option: the image has no pixels yet/);
  assert.match(found.reasons[2]!, /^unsupported: this browser cannot decode the image, a HEIC file/);
});

if (CHROMIUM !== undefined) images.run();
