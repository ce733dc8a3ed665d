// As wrong_types.test.ts, for gpt2-wasm/vision.
import { test } from 'uvu';
import {
  type Captioner,
  type CaptionInput,
  type Frame,
  type FramesOptions,
  imageFrames,
  loadCaptioner,
  loadWorkerCaptioner,
  videoFrames,
  webVtt,
} from '../../../src/vision.js';
import { picture, withIdTokenizer } from '../../support/captioners.js';
import { triesWrongTypes, type ValidCalls } from '../../support/wrong_types.js';
import { fakeWorkers } from '../../worker/fake_worker.js';

const FILES = withIdTokenizer('deit-gpt2');
const fakeWorker = fakeWorkers(test);
const here = await loadCaptioner(FILES, { build: 'simd' });
const there = await loadWorkerCaptioner(withIdTokenizer('deit-gpt2'), {
  ...{ build: 'simd', worker: fakeWorker().worker },
});
test.after(() => {
  here.dispose();
  there.dispose();
});

const image = picture('exact.png');
const pixels = await here.pixels(image);
const CALL = { signal: undefined };
const OPTIONS = { ...CALL, maxTokens: 1, temperature: 0, prompt: [1], attention: true, beams: 1 };
const FRAMES = { ...CALL, maxTokens: 1, every: 0, change: 0.5 };

const drained = async (items: AsyncIterable<unknown>) => {
  for await (const _ of items);
};
const disposed = async (loading: Promise<Captioner>) => (await loading).dispose();

function callsOf(captioner: Pick<Captioner, 'pixels' | 'encode' | 'logits' | 'caption' | 'captionFrames'>) {
  return {
    pixels: [(...args: [CaptionInput]) => captioner.pixels(...(args as [never])), image, CALL],
    encode: [(...args: [Float32Array]) => captioner.encode(...args), pixels, CALL],
    logits: [(...args: [Float32Array, number[]]) => captioner.logits(...args), pixels, [0, 1], CALL],
    caption: [(...args: [CaptionInput]) => captioner.caption(...args), image, OPTIONS],
    captions: [
      (...args: [CaptionInput[]]) => captioner.caption(...args),
      ...[[image], { ...OPTIONS, onProgress: () => {} }],
    ],
    captionFrames: [
      (frames: Frame[], options: FramesOptions) => drained(captioner.captionFrames(frames, options)),
      ...[[{ time: 0, image: pixels }], FRAMES],
    ],
    frame: [
      (frame: Frame) => drained(captioner.captionFrames([frame], FRAMES)),
      { time: 0, image, duration: 1 },
    ],
  } satisfies ValidCalls;
}

const { pixels: readPixels, logits, caption } = callsOf(there);
const CALLS: ValidCalls = {
  ...callsOf(here),
  'pixels in a worker': readPixels,
  'logits in a worker': logits,
  'caption in a worker': caption,
  loadCaptioner: [
    (...args: [never]) => disposed(loadCaptioner(...args)),
    FILES,
    {
      ...{ ...CALL, weights: 'f32', kvCache: 'auto', maxMemory: 2 ** 24, threads: 1, contextLength: 8 },
      ...{ preprocessor: { size: 32, resample: 2 }, onProgress: () => {}, onDownload: () => {} },
    },
  ],
  webVtt: [webVtt, [{ start: 0, end: 1, text: 'a' }]],
  cue: [(cue: never) => webVtt([cue]), { start: 0, end: 1, text: 'a' }],
  imageFrames: [
    (...args: [never]) => drained(imageFrames(...args)),
    { 'a.png': new Uint8Array(image) },
    { ...CALL, rate: 2 },
  ],
  videoFrames: [(options: never) => drained(videoFrames(emptyVideo(), options)), { ...CALL, every: 1 }],
};

/** A video that ends at once. */
function emptyVideo() {
  return Object.assign(new EventTarget(), { currentTime: 0, duration: 0, error: null, pause: () => {} });
}

triesWrongTypes(test, CALLS);

test.run();
