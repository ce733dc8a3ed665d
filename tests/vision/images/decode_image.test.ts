import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeImage } from '../../../src/vision/images/decode_image.js';
import { crossFile, crossImages } from '../../support/cross_images.js';
import { thrown } from '../../support/thrown.js';

for (const { file, ...expected } of crossImages()) {
  test(`${file} becomes the pixels that Pillow reads`, async () => {
    assert.equal(await decodeImage(crossFile(`images/${file}`)), expected);
  });
}

test('bytes may come as a Blob, an ArrayBuffer or a view', async () => {
  const file = crossFile('images/wide.jpg');
  const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer;
  const right = await decodeImage(file);
  for (const bytes of [new Blob([file]), buffer, new DataView(buffer)]) {
    assert.equal(await decodeImage(bytes), right);
  }
});

const latin = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

test('formats that need a browser are named', async () => {
  for (const [kind, start] of [
    ['GIF', 'GIF89a'],
    ['WebP', 'RIFF\x10\0\0\0WEBPVP8 '],
    ['AVIF', '\0\0\0\x1cftypavif'],
    ['HEIC', '\0\0\0\x1cftypheic'],
    ['BMP', 'BM\x10'],
    ['TIFF', 'II*\0'],
    ['TIFF', 'MM\0*'],
    ['ICO', '\0\0\x01\0'],
    ['JPEG XL', '\xff\x0a'],
  ] as const) {
    await thrown(() => decodeImage(latin(start)), 'unsupported', new RegExp(`${kind} file`), /PNG or JPEG/);
  }
});

test('a file that is no image is refused', async () => {
  await thrown(() => decodeImage(new Uint8Array()), 'invalid-file', /the image is empty/);
  for (const text of ['<svg xmlns="http://www.w3.org/2000/svg"/>', '\x89PNG', 'P6 1 1 255 abc']) {
    await thrown(() => decodeImage(latin(text)), 'invalid-file', /neither PNG nor JPEG/);
  }
  const gone = Object.assign(new Blob(['x']), {
    arrayBuffer: () => Promise.reject(new Error('it was moved')),
  });
  await thrown(() => decodeImage(gone), 'storage', /cannot be read: it was moved/);
});

test('options are checked', async () => {
  const file = crossFile('images/wide.png');
  await thrown(
    () => decodeImage(file, { maxPixel: 5 } as object),
    'invalid-option',
    /did you mean maxPixels/,
  );
  for (const maxPixels of [0, -1, 1.5, NaN, '9']) {
    await thrown(() => decodeImage(file, { maxPixels } as object), 'invalid-option', /^maxPixels is/);
  }
  await thrown(() => decodeImage(file, { maxPixels: 2239 }), 'unsupported', /56 x 40 pixels/);
  assert.is((await decodeImage(file, { maxPixels: 2240 })).width, 56);
});

test.run();
