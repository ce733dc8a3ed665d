import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resizedSize } from '../../../src/vision/pixels/sizes.js';

test('a shorter and a longest edge give the sizes of get_size_with_aspect_ratio in transformers', () => {
  for (const [[height, width], shortestEdge, longestEdge, right] of [
    // 4.5 is rounded to 4 and 3.5 to 4.
    [[2, 4], 20, 9, [4, 9]],
    [[4, 2], 20, 9, [9, 4]],
    [[2, 4], 20, 7, [4, 7]],
    // Rounding to the edge that the image has keeps the image.
    [[2, 4], 20, 5, [2, 4]],
    [[10, 30], 10, 30, [10, 30]],
    [[10, 30], 9, 20, [7, 20]],
    [[30, 30], 30, 40, [30, 30]],
    [[300, 100], 33, 60, [60, 20]],
  ] as const) {
    const size = resizedSize({ width, height }, { shortestEdge, longestEdge });
    assert.equal([size.height, size.width], right, `${height} x ${width} to ${shortestEdge}, ${longestEdge}`);
  }
});

test('a shorter edge alone keeps the shape, rounded down', () => {
  const to = { shortestEdge: 10, longestEdge: undefined };
  assert.equal(resizedSize({ width: 3, height: 5 }, to), { width: 10, height: 16 });
  assert.equal(resizedSize({ width: 50, height: 30 }, to), { width: 16, height: 10 });
  assert.equal(resizedSize({ width: 7, height: 7 }, to), { width: 10, height: 10 });
});

test.run();
