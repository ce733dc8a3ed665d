import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Caption } from '../../../src/vision/caption.js';
import { captionFrames, type FrameCaptioner } from '../../../src/vision/frames/caption_frames.js';
import type { Cue, Frame, FramesOptions } from '../../../src/vision/frames/frame.js';
import { holds } from '../../support/property.js';
import { thrown } from '../../support/thrown.js';

/** Calls an image after its first pixel, and counts the captions. */
function fakeCaptioner(ranges: readonly number[] = [1]) {
  const captioned: number[] = [];
  const captioner: FrameCaptioner = {
    pixelRanges: ranges,
    assertText: () => {},
    pixels: async (image) => image as Float32Array,
    caption: async (pixels) => {
      captioned.push(pixels[0]!);
      return { text: `a ${Math.round(10 * pixels[0]!)}` } as Caption;
    },
  };
  return { captioner, captioned };
}

const frame = (time: number, ...values: number[]): Frame => ({ time, image: Float32Array.from(values) });

async function cuesOf(
  captioner: FrameCaptioner,
  frames: Iterable<Frame> | AsyncIterable<Frame>,
  options: FramesOptions = {},
) {
  const cues: Cue[] = [];
  for await (const cue of captionFrames(captioner, frames, options)) cues.push(cue);
  return cues.map(({ start, end, text }) => [start, end, text] as const);
}

test('a frame is captioned if it differs from the last one that was, and frames of one text share a cue', async () => {
  const { captioner, captioned } = fakeCaptioner();
  const frames = [
    ...[frame(0, 0.5, 0.5), frame(1, 0.52, 0.5), frame(2, 0.54, 0.54), frame(3, 0.5, 0.5)],
    ...[frame(4, 0.9, 0.1), frame(5, 0.9, 0.9), frame(6, 0.2, 0.9)],
  ];
  const cues = await cuesOf(captioner, frames);
  // The text of 5 is that of 4, although their other pixel differs.
  assert.equal(cues, [
    [0, 4, 'a 5'],
    [4, 6, 'a 9'],
    [6, 7, 'a 2'],
  ]);
  assert.equal(
    captioned.map((value) => Math.round(10 * value)),
    [5, 9, 9, 2],
  );
});

test('changes add up until they are captioned', async () => {
  const { captioner, captioned } = fakeCaptioner();
  const frames = Array.from({ length: 9 }, (_, i) => frame(i, i / 32));
  await cuesOf(captioner, frames, { change: 0.1 });
  assert.equal(captioned, [0, 4 / 32, 8 / 32]);
});

test('each channel counts by its range', async () => {
  const { captioner, captioned } = fakeCaptioner([2, 8]);
  const frames = [frame(0, 0, 0), frame(1, 1, 0), frame(2, 1, 8), frame(3, 1, 0)];
  // The shares of the first change are 0.5 and 0, whose mean is 0.25; those of the next are 0.5 and 1, then 0 and 1.
  await cuesOf(captioner, frames, { change: 0.3 });
  assert.equal(captioned, [0, 1, 1]);
});

test('every leaves frames out, which still say when the last cue ends', async () => {
  const { captioner, captioned } = fakeCaptioner();
  const frames = Array.from({ length: 8 }, (_, i) => frame(i / 4, i / 8));
  const cues = await cuesOf(captioner, frames, { every: 0.5, change: 0 });
  assert.equal(captioned, [0, 2 / 8, 4 / 8, 6 / 8]);
  assert.equal(cues.at(-1), [1.5, 2, 'a 8']);
});

test('a frame may say how long it is seen; one alone is seen a second', async () => {
  const { captioner } = fakeCaptioner();
  assert.equal(await cuesOf(captioner, [frame(3, 0)]), [[3, 4, 'a 0']]);
  assert.equal(await cuesOf(captioner, [{ ...frame(3, 0), duration: 0.25 }]), [[3, 3.25, 'a 0']]);
  assert.equal(await cuesOf(captioner, []), []);
});

test('a signal ends the cues with the last frame that was seen', async () => {
  const { captioner } = fakeCaptioner();
  const controller = new AbortController();
  async function* frames() {
    yield frame(0, 0);
    yield frame(1, 0.5);
    controller.abort();
    yield frame(2, 1);
  }
  assert.equal(await cuesOf(captioner, frames(), { signal: controller.signal }), [
    [0, 1, 'a 0'],
    [1, 2, 'a 5'],
  ]);
});

test('cues follow each other without gaps and cover the frames', async () => {
  const steps = fc.array(
    fc.record({ gap: fc.integer({ min: 1, max: 9 }), value: fc.integer({ min: 0, max: 9 }) }),
  );
  await holds(
    'cues cover the frames',
    fc.record({ steps, change: fc.integer({ min: 0, max: 9 }) }),
    async ({ steps, change }) => {
      let time = 0;
      const frames = steps.map(({ gap, value }) => {
        time += gap;
        return frame(time, value / 10);
      });
      const { captioner } = fakeCaptioner();
      const cues = await cuesOf(captioner, frames, { change: change / 10 });
      assert.is(cues.length > 0, frames.length > 0);
      assert.is(cues[0]?.[0], frames[0]?.time);
      for (const [i, [start, end, text]] of cues.entries()) {
        assert.ok(start < end);
        const next = cues[i + 1];
        if (next === undefined) assert.ok(end > time);
        else assert.ok(next[0] === end && next[2] !== text);
      }
    },
    300,
  );
});

test('frames in a wrong order or form, and options out of range are refused', async () => {
  const { captioner } = fakeCaptioner();
  const run =
    (frames: unknown, options: FramesOptions = {}) =>
    () =>
      cuesOf(captioner, frames as Frame[], options);
  await thrown(run([frame(1, 0), frame(1, 0)]), 'invalid-option', 'times must grow');
  await thrown(run([frame(-1, 0)]), 'invalid-option', "a frame's time is -1");
  await thrown(run([{ ...frame(0, 0), duration: 0 }]), 'invalid-option', 'duration');
  await thrown(run([7]), 'invalid-option', 'a frame is 7');
  await thrown(run('frames'), 'invalid-option', 'frames');
  await thrown(run([], { change: 2 }), 'invalid-option', 'change is 2');
  await thrown(run([], { every: -1 }), 'invalid-option', 'every is -1');
});

test.run();
