import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type SeekableVideo,
  type VideoFramesOptions,
  videoFrames,
} from '../../../src/vision/frames/video_frames.js';
import { thrown } from '../../support/thrown.js';

/** A video that seeks in the next task. `broken`: the time at which it fails; `recorded`: its length, known once it was sought. */
class FakeVideo extends EventTarget implements SeekableVideo {
  duration: number;
  error: { message: string } | null = null;
  readonly #broken: number;
  readonly #recorded: number | undefined;
  isPaused = false;
  #time = 0.3;

  constructor(duration: number, broken = Infinity, recorded?: number) {
    super();
    this.duration = duration;
    this.#broken = broken;
    this.#recorded = recorded;
  }

  get currentTime(): number {
    return this.#time;
  }

  set currentTime(time: number) {
    setTimeout(() => {
      if (this.#recorded !== undefined && time > this.#recorded) this.duration = this.#recorded;
      this.#time = Math.min(time, this.duration);
      const fails = time >= this.#broken;
      if (fails) this.error = { message: 'bad data' };
      this.dispatchEvent(new Event(fails ? 'error' : 'seeked'));
    });
  }

  pause(): void {
    this.isPaused = true;
  }
}

async function framesOf(video: FakeVideo, options: VideoFramesOptions = {}) {
  const frames: (readonly [number, number | undefined, number])[] = [];
  for await (const { time, duration, image } of videoFrames(video, options)) {
    frames.push([time, duration, (image as unknown as SeekableVideo).currentTime]);
  }
  return frames;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

test('a video is moved from frame to frame, and back', async () => {
  const video = new FakeVideo(1.25);
  assert.equal(await framesOf(video, { every: 0.5 }), [
    [0, 0.5, 0],
    [0.5, 0.5, 0.5],
    [1, 0.25, 1],
  ]);
  await settled();
  assert.is(video.currentTime, 0.3);
  assert.ok(video.isPaused);
});

test('a video whose data have not come is waited for', async () => {
  const video = new FakeVideo(Number.NaN);
  const frames = framesOf(video);
  video.duration = 1;
  video.dispatchEvent(new Event('loadedmetadata'));
  assert.equal(await frames, [[0, 1, 0]]);
});

test('a recording that names no length has one when it was sought', async () => {
  assert.equal(await framesOf(new FakeVideo(Infinity, Infinity, 0.75), { every: 0.5 }), [
    [0, 0.5, 0],
    [0.5, 0.25, 0.5],
  ]);
});

test('a video that cannot be decoded or has no end, and a signal, end the frames', async () => {
  await thrown(() => framesOf(new FakeVideo(5, 2)), 'invalid-file', 'bad data');
  await thrown(() => framesOf(new FakeVideo(Infinity)), 'invalid-option', 'duration');
  await thrown(() => framesOf(new FakeVideo(5), { every: 0 }), 'invalid-option', 'every');
  await thrown(() => framesOf({} as FakeVideo), 'invalid-option', 'video');
  await thrown(() => framesOf(new FakeVideo(5), { signal: AbortSignal.abort() }), 'aborted');
  const controller = new AbortController();
  const video = new FakeVideo(5);
  const waiting = thrown(() => framesOf(video, { signal: controller.signal }), 'aborted');
  controller.abort();
  await waiting;
});

test.run();
