import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { RgbImage } from '../../../src/vision/images/rgb_image.js';
import { resize } from '../../../src/vision/pixels/resize.js';
import { pillowPixels } from '../../support/pillow_pixels.js';
import { holds } from '../../support/property.js';

const { picture, resized } = pillowPixels();

for (const { width, height, resample, rgb } of resized) {
  test(`filter ${resample} to ${width} x ${height} makes the bytes of Pillow`, () => {
    assert.equal(resize(picture, width, height, resample), { width, height, rgb });
  });
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
/** The filters as their definitions state them, and their supports. */
const FILTERS: Record<number, [support: number, weight: (x: number) => number]> = {
  1: [3, (x) => sinc(x) * sinc(x / 3)],
  2: [1, (x) => 1 - Math.abs(x)],
  3: [2, (x) => bicubic(Math.abs(x))],
  4: [0.5, () => 1],
  5: [1, (x) => sinc(x) * (0.54 + 0.46 * Math.cos(Math.PI * x))],
};
const bicubic = (x: number) =>
  x < 1 ? 1.5 * x ** 3 - 2.5 * x ** 2 + 1 : -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2;

/** A resized line in 64-bit numbers, each sample a weighted mean of those within the filter's support. */
function resizedLine(
  line: readonly number[],
  to: number,
  [support, weight]: (typeof FILTERS)[number],
): number[] {
  const scale = line.length / to;
  const wide = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - support * wide + 0.5));
    const end = Math.min(line.length, Math.floor(centre + support * wide + 0.5));
    const weights = line.slice(first, end).map((_, k) => weight((first + k + 0.5 - centre) / wide));
    const sum = weights.reduce((a, b) => a + b);
    return weights.reduce((mean, one, k) => mean + (one / sum) * line[first + k]!, 0);
  });
}

const byte = (value: number) => Math.max(0, Math.min(255, value));

/** The values of a channel in 64-bit numbers, row by row: rows are resized and cut to bytes, then columns. */
function exactChannel(
  { width, height, rgb }: RgbImage,
  to: { width: number; height: number },
  filter: number,
  channel: number,
): number[] {
  const rows = Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => rgb[(y * width + x) * 3 + channel]!),
  );
  const narrow = rows.map((row) =>
    to.width === width ? row : resizedLine(row, to.width, FILTERS[filter]!).map(byte),
  );
  const columns = Array.from({ length: to.width }, (_, x) => {
    const column = narrow.map((row) => row[x]!);
    return to.height === height ? column : resizedLine(column, to.height, FILTERS[filter]!).map(byte);
  });
  return Array.from(
    { length: to.height * to.width },
    (_, i) => columns[i % to.width]![Math.floor(i / to.width)]!,
  );
}

const edge = fc.integer({ min: 1, max: 40 });
const images = fc.record({ width: edge, height: edge }).chain(({ width, height }) => {
  const length = width * height * 3;
  return fc
    .uint8Array({ minLength: length, maxLength: length, size: 'max' })
    .map((rgb): RgbImage => ({ width, height, rgb }));
});

/**
 * Rounding of rows to bytes changes a sum by half at most, times the sum of the absolute weights, which is below 1.6 for
 * Lanczos; the last rounding adds another half.
 */
const TOLERANCE = 1.35;

async function assertMeans(image: RgbImage, width: number, height: number, filter: number): Promise<void> {
  const found = resize(image, width, height, filter);
  assert.equal([found.width, found.height, found.rgb.length], [width, height, width * height * 3]);
  for (let channel = 0; channel < 3; channel++) {
    const right = exactChannel(image, { width, height }, filter, channel);
    for (const [i, value] of right.entries()) {
      const difference = Math.abs(found.rgb[i * 3 + channel]! - value);
      assert.ok(difference <= TOLERANCE, `sample ${i}: ${difference} from ${value}`);
    }
  }
}

test('each smooth filter gives the weighted means that its definition states', async () => {
  await holds(
    'resize',
    fc.record({ image: images, width: edge, height: edge, filter: fc.constantFrom(1, 2, 3, 5) }),
    ({ image, width, height, filter }) => assertMeans(image, width, height, filter),
    100,
  );
});

test('the box filter gives the means of blocks', async () => {
  const most = fc.integer({ min: 1, max: 5 });
  const sizes = fc.record({ width: most, height: most, across: most, down: most });
  const blocks = sizes.chain(({ width, height, across, down }) => {
    const length = width * across * height * down * 3;
    const image = { width: width * across, height: height * down };
    const pixels = fc.uint8Array({ minLength: length, maxLength: length, size: 'max' });
    return pixels.map((rgb) => ({ image: { ...image, rgb }, width, height }));
  });
  await holds('box', blocks, ({ image, width, height }) => assertMeans(image, width, height, 4), 100);
});

test('an image of the right size is not changed', async () => {
  await holds(
    'same size',
    fc.record({ image: images, filter: fc.integer({ min: 0, max: 5 }) }),
    async ({ image, filter }) => {
      assert.equal(resize(image, image.width, image.height, filter), image);
    },
    50,
  );
});

test('one colour stays one colour in every size', async () => {
  await holds(
    'one colour',
    fc.record({
      width: edge,
      height: edge,
      to: edge,
      filter: fc.integer({ min: 0, max: 5 }),
      value: fc.integer({ min: 0, max: 255 }),
    }),
    async ({ width, height, to, filter, value }) => {
      const image = { width, height, rgb: new Uint8Array(width * height * 3).fill(value) };
      assert.equal(resize(image, to, 3, filter).rgb, new Uint8Array(to * 9).fill(value));
    },
    100,
  );
});

test('the nearest pixel is one of the image, at the same place', async () => {
  await holds(
    'nearest',
    fc.record({ image: images, width: edge, height: edge }),
    async ({ image, width, height }) => {
      const { rgb } = resize(image, width, height, 0);
      for (let i = 0; i < width * height; i++) {
        // Rounding of the sums of steps may choose either pixel if the centre lies between two.
        const nearOf = (at: number, from: number, to: number) => {
          const exact = ((at + 0.5) * from) / to;
          return [exact - 1e-6, exact + 1e-6].map((x) => Math.max(0, Math.min(from - 1, Math.floor(x))));
        };
        const candidates = nearOf(Math.floor(i / width), image.height, height).flatMap((y) =>
          nearOf(i % width, image.width, width).map((x) => (y * image.width + x) * 3),
        );
        const found = rgb.subarray(i * 3, i * 3 + 3).join();
        assert.ok(candidates.some((at) => image.rgb.subarray(at, at + 3).join() === found));
      }
    },
    100,
  );
});

test.run();
