import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readPixelPlan } from '../../../src/vision/pixels/pixel_plan.js';
import { preprocess } from '../../../src/vision/pixels/preprocess.js';
import { pillowPixels } from '../../support/pillow_pixels.js';
import { thrown } from '../../support/thrown.js';

const { picture, processed } = pillowPixels();

for (const { config, shape, values } of processed) {
  test(`with ${JSON.stringify(config)} the numbers are those of transformers`, () => {
    const found = preprocess(picture, readPixelPlan(config));
    assert.equal([3, found.height, found.width], shape);
    assert.equal(found.data, values);
  });
}

test('a file that names no type follows the type of the encoder', () => {
  const named = (image_processor_type: string) => readPixelPlan({ image_processor_type });
  assert.equal(readPixelPlan({}), named('ViTImageProcessor'));
  assert.equal(readPixelPlan({}, 'vit'), named('ViTImageProcessorFast'));
  assert.equal(readPixelPlan({}, 'deit'), named('DeiTFeatureExtractor'));
  assert.equal(named('DeiTImageProcessor').crop, { width: 224, height: 224 });
  assert.is(named('ViTImageProcessor').crop, undefined);
  assert.equal(named('CLIPImageProcessor').resize?.to, { shortestEdge: 224, longestEdge: undefined });
});

test('types and steps that are not known are refused by their names', async () => {
  const refused = (config: Record<string, unknown>, ...words: RegExp[]) =>
    thrown(() => readPixelPlan(config), 'unsupported', ...words);
  await refused(
    { image_processor_type: 'DonutImageProcessor' },
    /"DonutImageProcessor"/,
    /ViTImageProcessor, DeiT/,
  );
  await refused({ feature_extractor_type: 'toString' }, /"toString"/);
  await refused({ image_processor_type: 7 }, /type 7/);
  await refused({ do_pad: true }, /do_pad/);
  await thrown(() => readPixelPlan({}, 'swin'), 'unsupported', /"swin"/);
  assert.equal(readPixelPlan({ do_pad: false }), readPixelPlan({}));
});

test('fields of wrong values are refused with what is right', async () => {
  const refused = (config: Record<string, unknown>, ...words: RegExp[]) =>
    thrown(
      () => readPixelPlan({ image_processor_type: 'DeiTImageProcessor', ...config }),
      'invalid-file',
      ...words,
    );
  for (const size of [
    0,
    -1,
    2.5,
    1e9,
    '224',
    null,
    {},
    [224],
    [1, 2, 3],
    { height: 5 },
    { shortest_edge: 0 },
  ]) {
    await refused({ size }, /^size in preprocessor_config.json is/, /\{ height, width \}/);
  }
  await refused({ size: { shortest_edge: 5, max_height: 6 } }, /size/);
  await refused({ crop_size: { shortest_edge: 5 } }, /crop_size/);
  await refused({ crop_size: null }, /crop_size/);
  for (const resample of [6, -1, 1.5, 'bilinear', null]) await refused({ resample }, /resample/);
  for (const image_mean of [[1, 2], [1, 2, '3'], 'x', null]) await refused({ image_mean }, /image_mean/);
  await refused({ image_std: [1, 0, 1] }, /image_std/);
  await refused({ rescale_factor: '1/255' }, /rescale_factor/);
  await refused({ do_resize: 1 }, /do_resize/, /true or false/);
});

test('a step that is off needs no fields', () => {
  const off = { do_resize: false, do_normalize: false, do_rescale: null, do_center_crop: false };
  const none = { size: null, resample: null, image_mean: null, rescale_factor: null, crop_size: null };
  assert.equal(
    [...preprocess(picture, readPixelPlan({ ...off, ...none })).data.subarray(0, 2)],
    [picture.rgb[0], picture.rgb[3]],
  );
});

test('an image that is very long becomes no picture of billions of pixels', async () => {
  const long = { width: 1, height: 100_000, rgb: new Uint8Array(300_000) };
  const plan = readPixelPlan({ image_processor_type: 'BitImageProcessor' });
  await thrown(() => preprocess(long, plan), 'unsupported', /224 x 22400000 pixels, an edge of more/);
});

test.run();
