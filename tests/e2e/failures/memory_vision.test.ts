// As memory.test.ts, for models that read images.
// First, so that all code has these constructors.
import '../../support/failing_memory.js';

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadMapper } from '../../../src/index.js';
import { loadCaptioner } from '../../../src/vision.js';
import { picture, withIdTokenizer } from '../../support/captioners.js';
import { eachAllocationFails } from '../../support/each_allocation.js';
import { mlpShapes, randomTensors, transformerShapes } from '../../support/mappers.js';
import { safetensorsOf } from '../../support/safetensors_of.js';

const FILES = withIdTokenizer('deit-gpt2');
const IMAGE = picture('exact.png');
const load = (more: object = {}) => loadCaptioner(FILES, { build: 'simd', threads: 1, ...more });
const captioner = await load();
test.after(() => captioner.dispose());
const pixels = await captioner.pixels(IMAGE);

async function captioned(more: object): Promise<void> {
  const own = await load(more);
  try {
    await own.caption(IMAGE, { maxTokens: 2, temperature: 0 });
  } finally {
    own.dispose();
  }
}

/** Loads a mapper of tensors of these shapes, and maps features. */
const mapperOf = (shapes: Parameters<typeof randomTensors>[0]) => {
  const file = safetensorsOf(randomTensors(shapes, 1));
  return () => mapped(file);
};

async function mapped(file: Uint8Array): Promise<void> {
  const model = { config: { channels: 16 } };
  const mapper = await loadMapper(
    { 'model.safetensors': file },
    { build: 'simd', threads: 1, heads: 2, model },
  );
  try {
    await mapper.map(new Float32Array(mapper.features).fill(0.5));
  } finally {
    mapper.dispose();
  }
}

const CALLS: Readonly<Record<string, () => unknown>> = {
  'a captioner of two threads that is loaded and captions': () => captioned({ threads: 2 }),
  'a captioner in 8 bits that is loaded and captions': () => captioned({ weights: 'q8' }),
  pixels: () => captioner.pixels(IMAGE),
  'pixels of a JPEG that is turned': () => captioner.pixels(picture('rotated.jpg')),
  caption: () => captioner.caption(IMAGE, { maxTokens: 2, temperature: 0, attention: true }),
  beams: () => captioner.caption(pixels, { maxTokens: 2, beams: 2 }),
  logits: () => captioner.logits(pixels, [0, 1]),
  'a mapper of layers': mapperOf(mlpShapes(64, 16, 64)),
  'a mapper with attention': mapperOf(
    transformerShapes({ features: 64, channels: 16, made: 2, vectors: 2, layers: 1 }),
  ),
  captionFrames: async () => {
    const frames = [0, 1].map((time) => ({ time, image: IMAGE }));
    for await (const _ of captioner.captionFrames(frames, { maxTokens: 1, every: 0 }));
  },
};

/** The bits of the captioner's answer. */
const answer = async () => Buffer.from((await captioner.logits(pixels, [0, 1])).buffer).toString('base64');
const expected = await answer();

for (const [title, call] of Object.entries(CALLS)) {
  test(`${title}: each allocation that fails gives an error with a code, and the captioner stays as it was`, async () => {
    await eachAllocationFails(call);
    assert.is(await answer(), expected);
  });
}

test.run();
