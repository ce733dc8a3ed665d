import { readFileSync } from 'node:fs';
import { decodeImage } from '../../../src/vision/images/decode_image.js';
import { resize } from '../../../src/vision/pixels/resize.js';
import { type PngPicture, writePng } from '../../support/png_writer.js';
import { type GrowthCase, range } from './growth_case.js';

const decoded = (title: string, size: number, file: (size: number) => Uint8Array): GrowthCase => ({
  ...{ title: `decodeImage, ${title}`, size },
  prepare(size) {
    const image = file(size);
    return () => decodeImage(image);
  },
});

const png = (width: number, height: number, more: Partial<PngPicture> = {}) =>
  writePng({
    ...{ width, height, depth: 8, kind: 0, ...more },
    samples: range(width * height, (i) => (i * i * 31) % 251),
    filterOf: (row) => row % 5,
  });

const jpeg = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/jpegs/${name}.jpg`, import.meta.url)));

const file = jpeg('size-16x16');
const comment = [0xff, 0xfe, 0, 4, 65, 66];
/** A JPEG file with bytes after its first marker. */
const withBytes = (more: readonly number[]) =>
  Uint8Array.of(...file.subarray(0, 2), ...more, ...file.subarray(2));

/** A JPEG file of rows of blocks, which another file has two of with a restart marker between them. */
function tallJpeg(name: string, rows: number): Uint8Array {
  const file = jpeg(name);
  const markerAt = (codes: readonly number[], from = 0) => {
    const at = file.findIndex((byte, i) => i >= from && byte === 0xff && codes.includes(file[i + 1]!));
    if (at < 0) throw new Error(`${name} lacks a marker`);
    return at;
  };
  const scan = markerAt([0xda]);
  const first = scan + 2 + file[scan + 3]!;
  const second = markerAt([0xd0], first) + 2;
  const end = file.findIndex((byte, i) => i >= second && byte === 0xff && file[i + 1] !== 0);
  const parts = [file.subarray(first, second - 2), file.subarray(second, end)];
  const data = range(rows, (row) => [...(row > 0 ? [0xff, 0xd0 + ((row - 1) % 8)] : []), ...parts[row % 2]!]);
  const tall = Uint8Array.of(...file.subarray(0, first), ...data.flat(), 0xff, 0xd9);
  new DataView(tall.buffer).setUint16(markerAt([0xc0, 0xc2]) + 5, 16 * rows);
  return tall;
}

const DECODED: GrowthCase[] = [
  decoded('rows of PNG', 60, (size) => png(64, size)),
  decoded('columns of PNG', 60, (size) => png(size, 64)),
  decoded('interlaced PNG', 60, (size) => png(64, size, { interlaced: true })),
  decoded('parts of PNG', 30, (size) => png(64, size, { part: 1 })),
  decoded('chunks of PNG', 100, (size) =>
    png(4, 4, { chunks: range(size, () => ['tEXt', Uint8Array.of(65, 0, 66)] as const) }),
  ),
  decoded('rows of JPEG', 6, (size) => tallJpeg('restart', size)),
  decoded('rows of progressive JPEG', 6, (size) => tallJpeg('progressive-restart', size)),
  decoded('segments of JPEG', 200, (size) => withBytes(range(size, () => comment).flat())),
  decoded('bytes between segments of JPEG', 500, (size) => withBytes([...comment, ...range(size, () => 0)])),
];

export const IMAGES: GrowthCase[] = [
  ...DECODED,
  ...(['rows', 'columns', 'rows of the result', 'columns of the result'] as const).map((title) => ({
    ...{ title: `resize, ${title}`, size: 40 },
    prepare(size: number) {
      const [width, height] = [title === 'columns' ? size : 8, title === 'rows' ? size : 8];
      const [to, down] = [
        title === 'columns of the result' ? size : 9,
        title === 'rows of the result' ? size : 9,
      ];
      const image = { width, height, rgb: new Uint8Array(3 * width * height) };
      return () => resize(image, to, down, 2);
    },
  })),
];
