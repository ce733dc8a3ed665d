import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readPixelPlan } from '../../../src/vision/pixels/pixel_plan.js';
import { preprocess } from '../../../src/vision/pixels/preprocess.js';
import { crossImages, crossPixels } from '../../support/cross_images.js';

for (const model of ['vit-gpt2', 'deit-gpt2']) {
  test(`pictures become the numbers that transformers makes of them for ${model}`, () => {
    const { config, cases } = crossPixels(model);
    const plan = readPixelPlan(config);
    const images = crossImages();
    assert.ok(cases.length > 2);
    for (const { file, values } of cases) {
      const { width, height, data } = preprocess(images.find((image) => image.file === file)!, plan);
      assert.equal([width, height], [32, 32]);
      assert.equal(data, values, file);
    }
  });
}

test.run();
