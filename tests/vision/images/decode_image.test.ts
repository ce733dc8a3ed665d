import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeImage } from '../../../src/vision/images/decode_image.js';
import { crossFile, crossImages } from '../../support/cross_images.js';

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

test.run();
