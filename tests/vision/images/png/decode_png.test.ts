import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodePng } from '../../../../src/vision/images/png/decode_png.js';
import { chunk, header, type PngPicture, SAMPLES, writePng } from '../../../support/png_writer.js';
import { holds } from '../../../support/property.js';
import { thrown } from '../../../support/thrown.js';

const MOST = 10 ** 6;
const DEPTHS = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };
const FORMS = Object.entries(DEPTHS).flatMap(([kind, depths]) =>
  depths.map((depth) => ({ kind: Number(kind) as PngPicture['kind'], depth })),
);

/** Pictures of any kind; `palette` is of use for kind 3. */
const pictures = fc
  .record({
    ...{ form: fc.constantFrom(...FORMS), width: fc.integer({ min: 1, max: 12 }) },
    ...{ height: fc.integer({ min: 1, max: 12 }), interlaced: fc.boolean() },
    palette: fc.uint8Array({ minLength: 768, maxLength: 768 }),
    filters: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 5 }),
    part: fc.integer({ min: 1, max: 200 }),
  })
  .chain(({ form, filters, ...rest }) => {
    const length = rest.width * rest.height * SAMPLES[form.kind];
    const sample = fc.integer({ min: 0, max: 2 ** form.depth - 1 });
    const samples = fc.array(sample, { minLength: length, maxLength: length });
    const filterOf = (row: number) => filters[row % filters.length]!;
    return samples.map((values) => ({ ...form, ...rest, samples: values, filterOf }));
  });

/** The colour of a pixel as Pillow converts it to RGB. */
function colourOf(
  { kind, depth, samples, palette }: PngPicture & { palette: Uint8Array },
  pixel: number,
): number[] {
  const own = samples.slice(pixel * SAMPLES[kind], (pixel + 1) * SAMPLES[kind]);
  if (kind === 3) return [...palette.subarray(own[0]! * 3, own[0]! * 3 + 3)];
  if (kind === 0 && depth === 16) return new Array(3).fill(Math.min(255, own[0]!));
  const bytes = own.map((value) => (depth === 16 ? value >> 8 : (value * 255) / (2 ** depth - 1)));
  return kind === 2 || kind === 6 ? bytes.slice(0, 3) : new Array(3).fill(bytes[0]);
}

test('pixels of every kind and depth come back, with all filters, interlaced or not', async () => {
  await holds(
    'PNG',
    pictures,
    async (picture) => {
      const { width, height, palette, kind } = picture;
      const chunks = kind === 3 ? ([['PLTE', palette]] as const) : [];
      const rgb = Array.from({ length: width * height }, (_, pixel) => colourOf(picture, pixel)).flat();
      assert.equal(decodePng(writePng({ ...picture, chunks }), MOST), {
        width,
        height,
        rgb: new Uint8Array(rgb),
      });
    },
    300,
  );
});

test('what is transparent keeps its colour', () => {
  const palette: [string, Uint8Array][] = [
    ['PLTE', new Uint8Array([1, 2, 3, 4, 5, 6])],
    ['tRNS', new Uint8Array([0, 128])],
  ];
  const size = { width: 2, height: 1, depth: 8 };
  const indexed = writePng({ ...size, kind: 3, samples: [1, 0], chunks: palette });
  assert.equal([...decodePng(indexed, MOST).rgb], [4, 5, 6, 1, 2, 3]);
  const clear = writePng({ ...size, kind: 6, samples: [7, 8, 9, 0, 10, 11, 12, 255] });
  assert.equal([...decodePng(clear, MOST).rgb], [7, 8, 9, 10, 11, 12]);
});

test('a colour that the palette lacks is black', () => {
  const chunks = [['PLTE', new Uint8Array([9, 9, 9])]] as const;
  const file = writePng({ width: 2, height: 1, depth: 2, kind: 3, samples: [0, 3], chunks });
  assert.equal([...decodePng(file, MOST).rgb], [9, 9, 9, 0, 0, 0]);
});

/** EXIF data that states an orientation. */
const exif = (orientation: number) =>
  Uint8Array.from([
    ...Buffer.from('MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01', 'latin1'),
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
const latin = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const profile = (orientation: number) =>
  latin(`\nexif\n      34\n${Buffer.from(exif(orientation)).toString('hex').replace(/.{10}/g, '$&\n')}\n`);
const xmp = (orientation: number) => latin(`<rdf:Description tiff:Orientation="${orientation}"/>`);

/** The first row of a picture of 2 x 1 pixels, gray 1 and 2, with chunks before its pixels. */
function turned(...chunks: [string, Uint8Array][]): number[] {
  const file = writePng({ width: 2, height: 1, depth: 8, kind: 0, samples: [1, 2], chunks });
  return [...decodePng(file, MOST).rgb].filter((_, i) => i % 3 === 0);
}

test('the orientation is that of EXIF data, of a raw profile or of XMP, in this order', () => {
  const key = latin('XML:com.adobe.xmp\0');
  const raw = latin('Raw profile type exif\0');
  const zero = new Uint8Array(1);
  assert.equal(turned(), [1, 2]);
  assert.equal(turned(['eXIf', exif(2)]), [2, 1]);
  assert.equal(turned(['tEXt', joined(raw, profile(3))]), [2, 1]);
  assert.equal(turned(['zTXt', joined(raw, zero, deflateSync(profile(2)))]), [2, 1]);
  assert.equal(turned(['iTXt', joined(key, latin('\0\0\0\0'), xmp(2))]), [2, 1]);
  assert.equal(turned(['iTXt', joined(key, latin('\x01\0\0\0'), deflateSync(xmp(2)))]), [2, 1]);
  const xmpMirrored: [string, Uint8Array] = ['iTXt', joined(key, latin('\0\0\0\0'), xmp(2))];
  assert.equal(turned(xmpMirrored, ['eXIf', exif(1)]), [1, 2]);
  assert.equal(turned(['tEXt', joined(raw, profile(2))], ['eXIf', exif(1)]), [1, 2]);
});

test('damaged texts and EXIF data do not hide the picture', () => {
  const raw = latin('Raw profile type exif\0');
  for (const data of [joined(raw, latin('\0no zlib data')), latin('no keyword'), raw, new Uint8Array()]) {
    assert.equal(turned(['zTXt', data], ['iTXt', data], ['tEXt', data], ['eXIf', data]), [1, 2]);
  }
});

const GRAY = { width: 40, height: 30, depth: 8, kind: 0 } as const;
const gray = (more: Partial<PngPicture> = {}) =>
  writePng({ ...GRAY, samples: Array.from({ length: 1200 }, (_, i) => (i * 7919) % 256), ...more });

/** The file with another header, which its pixels do not fit. */
const claiming = (more: Partial<PngPicture>) =>
  joined(gray().subarray(0, 8), chunk(['IHDR', header({ ...GRAY, ...more })]), gray().subarray(33));

test('a file that is cut off anywhere before the end of its pixels is refused', async () => {
  const file = gray();
  // Four bytes of the checksum and twelve of the last chunk come after the pixels.
  for (let length = 8; length < file.length - 20; length += 37) {
    await thrown(() => decodePng(file.subarray(0, length), MOST), 'invalid-file', /cut off/);
  }
  assert.equal(decodePng(file.subarray(0, file.length - 12), MOST), decodePng(file, MOST));
});

test('a changed byte of the pixels is found by the checksum', async () => {
  const file = gray();
  file[60]! ^= 1;
  await thrown(() => decodePng(file, MOST), 'invalid-file', /damaged/, /checksum of its chunk IDAT/);
});

test('headers, rows and data that no PNG has are refused, each with its reason', async () => {
  const refused = (file: Uint8Array<ArrayBuffer>, ...words: RegExp[]) =>
    thrown(() => decodePng(file, MOST), 'invalid-file', ...words);
  await refused(gray({ filterOf: () => 5 }), /unknown filter 5/);
  await refused(claiming({ depth: 3 }), /kind 0 with 3 bits/);
  await refused(claiming({ kind: 3 }), /no palette/);
  await refused(claiming({ height: 31 }), /30 of 31 rows/);
  await refused(claiming({ width: 0 }), /no pixels/);
  const start = gray().subarray(0, 33);
  const withData = (data: Uint8Array) =>
    joined(start, chunk(['IDAT', data]), chunk(['IEND', new Uint8Array()]));
  await refused(withData(latin('no zlib data at all')), /compressed data/);
  await refused(withData(new Uint8Array()), /too short for 40 x 30 pixels/);
  await refused(
    joined(start.subarray(0, 8), chunk(['IDAT', new Uint8Array(9)])),
    /does not begin with a header/,
  );
  await refused(
    joined(start.subarray(0, 8), chunk(['IHDR', new Uint8Array(9)])),
    /header of less than 13 bytes/,
  );
});

test('large pictures are refused before memory is reserved, and data beyond the last row is not inflated', async () => {
  const huge = claiming({ width: 2 ** 31, height: 2 ** 31 - 1 });
  await thrown(
    () => decodePng(huge, 2 ** 52),
    'unsupported',
    /2147483648 x 2147483647 pixels, an edge of more/,
  );
  const large = claiming({ width: 1000, height: 1001 });
  await thrown(
    () => decodePng(large, MOST),
    'unsupported',
    /1000 x 1001 pixels, more than maxPixels, 1000000/,
  );
  await thrown(
    () => decodePng(claiming({ width: 10 ** 6, height: 8000 }), 10 ** 10),
    'invalid-file',
    /too short/,
  );
  // 64 MiB of zeros, whose data becomes unreadable half-way.
  const bomb = deflateSync(new Uint8Array(2 ** 26));
  bomb.fill(0xff, bomb.length / 2);
  const file = joined(gray().subarray(0, 33), chunk(['IDAT', bomb]));
  assert.equal(decodePng(file, MOST).rgb, new Uint8Array(3600));
});

test.run();
