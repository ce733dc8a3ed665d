import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readPixelPlan } from '../../../src/vision/pixels/pixel_plan.js';
import { preprocess } from '../../../src/vision/pixels/preprocess.js';
import { seenArea } from '../../../src/vision/pixels/seen_area.js';
import { holds } from '../../support/property.js';

test('ViT sees the whole image, and DeiT its middle', () => {
  const size = { width: 300, height: 100 };
  const encoder = { imageSize: [224, 224], patchSize: [16, 16] } as const;
  const whole = { left: 0, top: 0, width: 1, height: 1 };
  assert.equal(seenArea(readPixelPlan({}, 'vit'), encoder, size), whole);
  assert.equal(seenArea(undefined, encoder, size), whole);
  const middle = { left: 1 / 16, top: 1 / 16, width: 7 / 8, height: 7 / 8 };
  assert.equal(seenArea(readPixelPlan({}, 'deit'), encoder, size), middle);
  assert.throws(() => seenArea(undefined, encoder, { width: 0, height: 1 }), /width of the image/);
});

/** An image whose red and green say where in it a pixel is. */
function ramp(width: number, height: number) {
  const rgb = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      rgb.set([1 + (254 * x) / width, 1 + (254 * y) / height, 255], 3 * (y * width + x));
  }
  return { width, height, rgb };
}

test('each pixel that is computed lies where the area says', () =>
  holds(
    'areas',
    fc.record({
      width: fc.integer({ min: 1, max: 90 }),
      height: fc.integer({ min: 1, max: 90 }),
      resized: fc.option(
        fc.record({ width: fc.integer({ min: 1, max: 60 }), height: fc.integer({ min: 1, max: 60 }) }),
      ),
      crop: fc.option(
        fc.record({ width: fc.integer({ min: 1, max: 70 }), height: fc.integer({ min: 1, max: 70 }) }),
      ),
      patch: fc.record({ width: fc.integer({ min: 1, max: 9 }), height: fc.integer({ min: 1, max: 9 }) }),
    }),
    async ({ width, height, resized, crop, patch }) => {
      const plan = readPixelPlan({
        ...{ do_rescale: false, do_normalize: false, resample: 0 },
        ...(resized === null ? { do_resize: false } : { size: resized }),
        ...(crop === null ? { do_center_crop: false } : { do_center_crop: true, crop_size: crop }),
      });
      const pixels = preprocess(ramp(width, height), plan);
      const patchSize = [Math.min(patch.height, pixels.height), Math.min(patch.width, pixels.width)] as const;
      const encoder = { imageSize: [pixels.height, pixels.width] as const, patchSize };
      const area = seenArea(plan, encoder, { width, height });
      // Pixels after the last patch are outside of the area.
      const [rows, columns] = patchSize.map((side, i) => Math.floor(encoder.imageSize[i]! / side) * side);
      const from = resized ?? { width, height };
      for (let y = 0; y < pixels.height; y++) {
        for (let x = 0; x < pixels.width; x++) {
          const at = y * pixels.width + x;
          // Black edges are outside of the image.
          if (pixels.data[2 * pixels.width * pixels.height + at] === 0) continue;
          const across = area.left + (area.width * (x + 0.5)) / columns!;
          const down = area.top + (area.height * (y + 0.5)) / rows!;
          const red = (pixels.data[at]! - 1) / 254;
          const green = (pixels.data[pixels.width * pixels.height + at]! - 1) / 254;
          assert.ok(
            Math.abs(across - red) <= 1 / width + 1 / from.width + 0.01,
            `${across} is not at ${red}`,
          );
          assert.ok(
            Math.abs(down - green) <= 1 / height + 1 / from.height + 0.01,
            `${down} is not at ${green}`,
          );
        }
      }
    },
    60,
  ));

test.run();
