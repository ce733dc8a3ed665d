import * as vision from '../../../src/vision.js';
import { picture, withIdTokenizer } from '../../support/captioners.js';
import { callsTarget, listOf } from '../calls.js';
import { folderTarget } from '../folder_target.js';
import { mustBeFinite } from '../target.js';

const FILES = withIdTokenizer('deit-gpt2');
const image = picture('exact.png');
const captioner = await vision.loadCaptioner({ ...FILES }, { build: 'simd', threads: 1 });
const pixels = await captioner.pixels(image);

/** The small files of a captioner; its weights are larger than those that are changed. */
export const CAPTIONER_FILES = folderTarget(
  'captioner-files',
  [FILES],
  async (files) => {
    const loaded = await vision.loadCaptioner(files, { build: 'simd', threads: 1 });
    try {
      mustBeFinite(await loaded.logits(await loaded.pixels(image), [0]), 'a logit');
    } finally {
      loaded.dispose();
    }
  },
  {
    words: [
      'encoder',
      'decoder',
      'image_size',
      'patch_size',
      'num_channels',
      'hidden_size',
      'image_mean',
      'size',
    ],
  },
);

export const VISION_CALLS = callsTarget('vision-calls', {
  caption: [
    async (options) => {
      const { choices } = await captioner.caption(pixels, options);
      return choices;
    },
    { maxTokens: 2, temperature: 0, prompt: [1], attention: true, beams: 1, seed: 1, topK: 3, stop: ['x'] },
  ],
  logits: [(ids, options) => captioner.logits(pixels, ids, options), [0, 1], { signal: '@undefined' }],
  rgb: [
    (width, height, numbers) =>
      captioner.pixels({
        width,
        height,
        rgb: Uint8Array.from(listOf(numbers).map((number) => (typeof number === 'number' ? number : 0))),
      }),
    ...[2, 1, [1, 2, 3, 4, 5, 6]],
  ],
  webVtt: [(cues) => vision.webVtt(cues), [{ start: 0, end: 1.5, text: 'A cat' }]],
  frames: [
    async (times, options) => {
      const frames = listOf(times).map((time) => ({ time, image: pixels }));
      for await (const _ of captioner.captionFrames(frames, options));
    },
    ...[[0, 1], { maxTokens: 1, every: 0, change: 0.5 }],
  ],
});
