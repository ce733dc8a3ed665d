import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exifOrientation, xmpOrientation } from '../../../src/vision/images/exif.js';

/** EXIF data of one directory, with entries of a tag, a type, a count and a value of 4 bytes. */
function exif(little: boolean, ...entries: [tag: number, type: number, count: number, value: number[]][]) {
  const bytes = new Uint8Array(10 + entries.length * 12);
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from(little ? 'II' : 'MM'));
  view.setUint16(2, 42, little);
  view.setUint32(4, 8, little);
  view.setUint16(8, entries.length, little);
  for (const [i, [tag, type, count, value]] of entries.entries()) {
    view.setUint16(10 + i * 12, tag, little);
    view.setUint16(12 + i * 12, type, little);
    view.setUint32(14 + i * 12, count, little);
    bytes.set(value, 18 + i * 12);
  }
  return bytes;
}

const MAKER: [number, number, number, number[]] = [0x010f, 2, 4, [65, 66, 67, 0]];

test('the orientation is read in both byte orders, as a number of 1, 2 or 4 bytes', () => {
  assert.is(exifOrientation(exif(true, MAKER, [0x0112, 3, 1, [6, 0]])), 6);
  assert.is(exifOrientation(exif(false, MAKER, [0x0112, 3, 1, [0, 6]])), 6);
  assert.is(exifOrientation(exif(false, [0x0112, 1, 1, [8]])), 8);
  assert.is(exifOrientation(exif(true, [0x0112, 4, 1, [3, 0, 0, 0]])), 3);
  const named = new Uint8Array([...Buffer.from('Exif\0\0'), ...exif(true, [0x0112, 3, 1, [5, 0]])]);
  assert.is(exifOrientation(named), 5);
});

test('data without it, and data that is malformed or cut off, states none', () => {
  const whole = exif(true, MAKER, [0x0112, 3, 1, [6, 0]]);
  for (let length = 0; length < whole.length; length++) {
    assert.is(exifOrientation(whole.subarray(0, length)), undefined, `${length} bytes`);
  }
  assert.is(exifOrientation(exif(true, MAKER)), undefined);
  assert.is(exifOrientation(exif(true, [0x0112, 2, 1, [54, 0]])), undefined);
  assert.is(exifOrientation(exif(true, [0x0112, 3, 2, [6, 0, 6, 0]])), undefined);
  const far = whole.slice();
  far.fill(255, 4, 8);
  assert.is(exifOrientation(far), undefined);
  whole[0] = 0x58;
  assert.is(exifOrientation(whole), undefined);
});

test('XMP states it in an attribute or an element', () => {
  const xmp = (text: string) => xmpOrientation(new Uint8Array(Buffer.from(text)));
  assert.is(xmp('<rdf:Description tiff:Orientation="6" tiff:Make="ö"/>'), 6);
  assert.is(xmp('<tiff:Orientation>3</tiff:Orientation>'), 3);
  assert.is(xmp('<tiff:Orientation/>'), undefined);
});

test.run();
