import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ImageInput, readImage } from '../../../src/vision/images/image_input.js';
import { crossFile, crossImages } from '../../support/cross_images.js';
import { thrown } from '../../support/thrown.js';

const RGB = { width: 2, height: 1, rgb: new Uint8Array([1, 2, 3, 4, 5, 6]) };
const size = { width: 2, height: 1 };

test('the bytes of a file are decoded', async () => {
  const { file, ...right } = crossImages()[0]!;
  assert.equal(await readImage(crossFile(`images/${file}`)), right);
  assert.equal(await readImage(new Blob([crossFile(`images/${file}`)])), right);
});

test('a decoded image is taken as it is', async () => {
  assert.is(await readImage(RGB), RGB);
});

test('pixels of gray, RGB or RGBA become RGB, without their alpha', async () => {
  assert.equal(await readImage({ ...size, data: RGB.rgb }), RGB);
  const rgba = new Uint8ClampedArray([1, 2, 3, 0, 4, 5, 6, 128]);
  assert.equal(await readImage({ ...size, data: rgba }), RGB);
  const gray = await readImage({ ...size, data: new Uint8Array([7, 8]) });
  assert.equal([...gray.rgb], [7, 7, 7, 8, 8, 8]);
});

test('pixels are copied, so that the caller may change its own', async () => {
  const data = RGB.rgb.slice();
  const image = await readImage({ ...size, data });
  data.fill(0);
  assert.equal(image, RGB);
});

test('what is no image is refused, and says what is right', async () => {
  const refused = (image: unknown, ...words: RegExp[]) =>
    thrown(() => readImage(image as ImageInput), 'invalid-option', ...words);
  for (const image of [undefined, null, 5, 'cat.png', {}, []]) {
    await refused(image, /^image is/, /the bytes of an image file/);
  }
  await refused({ ...size, data: new Uint8Array(5) }, /5 bytes; they must be 2, 6, 8 bytes/);
  await refused({ ...size, data: [1, 2] }, /no Uint8Array; they must be 2, 6, 8 bytes/);
  await refused({ ...size, rgb: new Uint8Array(8) }, /8 bytes; they must be 6 bytes/);
  await refused({ width: 0, height: 1, data: new Uint8Array() }, /width of the image is 0/);
  await refused({ width: 1, height: 1.5, data: new Uint8Array(3) }, /height of the image is 1.5/);
});

test('what can be drawn needs a canvas', async () => {
  const bitmap = { [Symbol.toStringTag]: 'ImageBitmap', ...size } as unknown as ImageInput;
  await thrown(() => readImage(bitmap), 'runtime', /no canvas/, /bytes of its file/);
});

test('maxPixels holds for pixels too', async () => {
  await thrown(
    () => readImage(RGB, { maxPixels: 1 }),
    'unsupported',
    /2 x 1 pixels, more than maxPixels, 1$/,
  );
  assert.is(await readImage(RGB, { maxPixels: 2 }), RGB);
});

test.run();
