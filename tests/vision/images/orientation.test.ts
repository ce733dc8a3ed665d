import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { upright } from '../../../src/vision/images/orientation.js';
import { holds } from '../../support/property.js';

/** The place in the stored image of the pixel at (x, y) of the upright one, whose last column and row are `right` and `bottom`. */
const PLACES: Record<
  number,
  (x: number, y: number, right: number, bottom: number) => [x: number, y: number]
> = {
  1: (x, y) => [x, y],
  2: (x, y, right) => [right - x, y],
  3: (x, y, right, bottom) => [right - x, bottom - y],
  4: (x, y, _, bottom) => [x, bottom - y],
  5: (x, y) => [y, x],
  6: (x, y, right) => [y, right - x],
  7: (x, y, right, bottom) => [bottom - y, right - x],
  8: (x, y, _, bottom) => [bottom - y, x],
};

test('each of the eight orientations puts each pixel at its place', async () => {
  const size = fc.integer({ min: 1, max: 9 });
  await holds(
    'orientations',
    fc.record({ width: size, height: size, orientation: fc.integer({ min: 1, max: 8 }) }),
    async ({ width, height, orientation }) => {
      const rgb = Uint8Array.from({ length: width * height * 3 }, (_, i) => i);
      const found = upright({ width, height, rgb }, orientation);
      const sides = orientation < 5 ? [width, height] : [height, width];
      assert.equal([found.width, found.height], sides);
      for (let y = 0; y < found.height; y++) {
        for (let x = 0; x < found.width; x++) {
          const [fromX, fromY] = PLACES[orientation]!(x, y, found.width - 1, found.height - 1);
          const [to, from] = [(y * found.width + x) * 3, (fromY * width + fromX) * 3];
          assert.equal(found.rgb.subarray(to, to + 3), rgb.subarray(from, from + 3));
        }
      }
    },
    200,
  );
});

test('other numbers change nothing', () => {
  const image = { width: 2, height: 1, rgb: new Uint8Array([1, 2, 3, 4, 5, 6]) };
  for (const orientation of [0, 9, 65535, 2.5]) assert.is(upright(image, orientation), image);
});

test.run();
