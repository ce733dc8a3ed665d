import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeJpeg } from '../../../../src/vision/images/jpeg/decode_jpeg.js';
import { thrown } from '../../../support/thrown.js';

const MOST = 10 ** 6;
const folder = new URL('../../../fixtures/jpegs/', import.meta.url);
const read = (name: string) => new Uint8Array(readFileSync(new URL(name, folder)));

interface Case {
  readonly file: string;
  readonly about: string;
  readonly width: number;
  readonly height: number;
  readonly rgb_base64: string;
}

const cases: readonly Case[] = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8'));

for (const { file, about, width, height, rgb_base64 } of cases) {
  test(`${file}, ${about}: the pixels are those of libjpeg-turbo`, () => {
    const rgb = new Uint8Array(Buffer.from(rgb_base64, 'base64'));
    assert.equal(decodeJpeg(read(file), MOST), { width, height, rgb });
  });
}

/** The position behind a marker. */
function behind(file: Uint8Array, marker: number): number {
  for (let at = 2; at < file.length; at++) if (file[at] === 0xff && file[at + 1] === marker) return at + 2;
  throw new Error(`no marker ${marker}`);
}

/** A copy with other bytes from the n-th behind a marker on. */
function changed(name: string, marker: number, n: number, ...bytes: number[]): Uint8Array<ArrayBuffer> {
  const file = read(name);
  file.set(bytes, behind(file, marker) + n);
  return file;
}

const [SOF0, SOF2, DHT, SOS, DQT, DRI] = [0xc0, 0xc2, 0xc4, 0xda, 0xdb, 0xdd];

test('a file that is cut off is refused, unless its pixels are complete', async () => {
  for (const name of ['scans.jpg', 'progressive.jpg', 'restart.jpg']) {
    const file = read(name);
    for (let length = 3; length < file.length - 8; length += 29) {
      await thrown(() => decodeJpeg(file.subarray(0, length), MOST), 'invalid-file', /the JPEG is cut off/);
    }
    if (name === 'progressive.jpg') continue;
    assert.equal(decodeJpeg(file.subarray(0, -2), MOST), decodeJpeg(file, MOST), 'no end marker');
  }
});

test('bytes between segments and behind the end do no harm', () => {
  const file = read('restart.jpg');
  const at = behind(file, DQT) - 2;
  const longer = new Uint8Array([...file.subarray(0, at), 1, 2, 0xff, 0xff, ...file.subarray(at), 1, 2, 3]);
  assert.equal(decodeJpeg(longer, MOST), decodeJpeg(file, MOST));
});

test('kinds that are not decoded are named', async () => {
  const refused = (file: Uint8Array<ArrayBuffer>, ...words: RegExp[]) =>
    thrown(() => decodeJpeg(file, MOST), 'unsupported', ...words);
  await refused(changed('gray.jpg', SOF0, -1, 0xc3), /lossless/);
  await refused(changed('gray.jpg', SOF0, -1, 0xc9), /arithmetic/);
  await refused(changed('gray.jpg', SOF0, -1, 0xc5), /differential/);
  await refused(changed('gray.jpg', SOF0, 2, 12), /12 bits a sample/);
  await refused(changed('gray.jpg', SOF0, 3, 0, 0), /height behind its pixels/);
  await refused(changed('gray.jpg', SOF0, 7, 2), /2 components/);
  await refused(changed('scans.jpg', SOF0, 9, 0x31, 0, 2, 0x21), /fractional sampling/);
});

test('damage is refused with its place', async () => {
  const refused = (file: Uint8Array<ArrayBuffer>, ...words: RegExp[]) =>
    thrown(() => decodeJpeg(file, MOST), 'invalid-file', ...words);
  const gray = read('gray.jpg');
  const frame = behind(gray, SOF0);
  const twice = [
    ...gray.subarray(0, frame - 2),
    ...gray.subarray(frame - 2, frame + 11),
    ...gray.subarray(frame - 2),
  ];
  await refused(new Uint8Array(twice), /two frames/);
  await refused(changed('gray.jpg', SOF0, 5, 0, 0), /no pixels/);
  await refused(changed('gray.jpg', SOF0, 9, 0x15), /sampling factor/);
  await refused(changed('gray.jpg', SOF0, 10, 3), /quantization table is missing/);
  await refused(changed('gray.jpg', SOS, 2, 0), /scan header/);
  await refused(changed('gray.jpg', SOS, 3, 9), /component that the frame lacks/);
  await refused(changed('gray.jpg', SOS, 4, 0x33), /Huffman table is missing/);
  await refused(changed('gray.jpg', SOS, 5, 0, 63, 0, 0xff, 0xd9), /cut off within its pixels/);
  await refused(changed('gray.jpg', DHT, 3, 3), /Huffman table/);
  await refused(changed('gray.jpg', DHT, 2, 0x20), /Huffman table is malformed/);
  await refused(changed('gray.jpg', DQT, 2, 0x20), /quantization table is malformed/);
  await refused(changed('gray.jpg', DQT, 0, 0, 1), /impossible length/);
  await refused(changed('gray.jpg', SOF0, -1, 0xfe), /a scan comes before the frame/);
  await refused(changed('progressive.jpg', SOF2, -1, 0xfe), /a scan comes before the frame/);
  await refused(changed('progressive.jpg', SOS, 9, 1), /range of coefficients/);
  await refused(changed('restart.jpg', DRI, 2, 0, 2), /restart marker is missing|damaged/);
});

test('a large picture is refused before memory is reserved for it', async () => {
  const large = changed('gray.jpg', SOF0, 3, 0xff, 0xff, 0xff, 0xff);
  await thrown(
    () => decodeJpeg(large, MOST),
    'unsupported',
    /65535 x 65535 pixels, more than maxPixels, 1000000/,
  );
  await thrown(() => decodeJpeg(large, 2 ** 33), 'invalid-file', /too short for 65535 x 65535 pixels/);
});

test('more scans than any picture needs are refused', async () => {
  const file = read('progressive.jpg');
  const scan = behind(file, SOS) - 2;
  const end = file.indexOf(0xff, scan + 14);
  const scans = Array.from({ length: 501 }, () => [...file.subarray(scan, end)]).flat();
  const many = new Uint8Array([...file.subarray(0, end), ...scans, 0xff, 0xd9]);
  await thrown(() => decodeJpeg(many, MOST), 'invalid-file', /more than 500 scans/);
});

test.run();
