import { Gpt2Error } from '../../base/errors.js';
import type { Cue, Frame } from '../../vision/frames/frame.js';
import { videoFrames } from '../../vision/frames/video_frames.js';
import type { RunningWork } from '../examine/work_bar.js';
import { make } from '../page/dom.js';

/** Longest edge of a frame that is captioned, in pixels: encoders take less. */
const LONGEST = 640;

/** A video whose captions play over it, and are listed below it. */
export class Clip {
  readonly #video = make('video', { controls: true, playsinline: true, preload: 'metadata' });
  readonly #list = make('ol', { class: 'cues', 'aria-label': 'Captions of the video' });
  readonly element = make('div', { class: 'clip', hidden: true }, this.#video, this.#list);
  #track: TextTrack | undefined;
  #address: string | undefined;

  /** Shows a video without captions. */
  show({ name }: File, address: string): void {
    this.hide();
    this.#address = address;
    this.#video.src = address;
    this.#video.setAttribute('aria-label', `The video ${name}`);
    this.element.hidden = false;
  }

  hide(): void {
    this.element.hidden = true;
    this.clear();
    this.#video.removeAttribute('src');
    // Ends the download of the video before.
    this.#video.load();
    if (this.#address !== undefined) URL.revokeObjectURL(this.#address);
    this.#address = undefined;
  }

  /** Takes the captions away. */
  clear(): void {
    // Chromium keeps a track that was added; one without cues shows nothing.
    if (this.#track !== undefined)
      for (const cue of [...(this.#track.cues ?? [])]) this.#track.removeCue(cue);
    this.#list.replaceChildren();
  }

  add({ start, end, text }: Cue): void {
    this.#track ??= this.#video.addTextTrack('captions', 'Captions');
    this.#track.mode = 'showing';
    this.#track.addCue(new VTTCue(start, end, text));
    const button = make('button', { type: 'button', title: 'Go there' }, `${clock(start)} to ${clock(end)}`);
    button.addEventListener('click', () => {
      this.#video.currentTime = start;
    });
    this.#list.append(make('li', {}, button, make('span', {}, text)));
  }
}

/** Frames of the video at an address, as small images. A second element reads them, so that the first one can be played. */
export async function* framesOf(
  address: string,
  every: number,
  { signal, onProgress }: RunningWork,
): AsyncGenerator<Frame, void> {
  const video = make('video', { muted: true, playsinline: true, preload: 'auto' });
  video.src = address;
  try {
    await untilLength(video, signal);
    const { duration } = video;
    const canvas = canvasFor(video);
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    for await (const { image: _, ...frame } of videoFrames(video, { every, signal })) {
      onProgress({ done: frame.time, total: duration });
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      yield { ...frame, image: context.getImageData(0, 0, canvas.width, canvas.height) };
    }
  } finally {
    video.removeAttribute('src');
    video.load();
  }
}

/** Waits until the length of a video is known. That of a recording is found by looking for its end. */
function untilLength(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    video.addEventListener('loadedmetadata', () => {
      if (video.duration < Number.POSITIVE_INFINITY) resolve();
      else video.currentTime = Number.MAX_SAFE_INTEGER;
    });
    video.addEventListener('seeked', () => resolve());
    video.addEventListener('error', () => {
      const why = video.error?.message || 'the browser does not know its format';
      reject(new Gpt2Error('invalid-file', `the video cannot be decoded: ${why}`));
    });
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}

function canvasFor({ videoWidth, videoHeight }: HTMLVideoElement): HTMLCanvasElement {
  if (videoWidth === 0) throw new Gpt2Error('invalid-file', 'the file has sound, but no pictures');
  const scale = Math.min(1, LONGEST / Math.max(videoWidth, videoHeight));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(scale * videoWidth));
  canvas.height = Math.max(1, Math.round(scale * videoHeight));
  return canvas;
}

/** "1:02.5" */
function clock(seconds: number): string {
  const tenths = Math.round(10 * seconds);
  const rest = ((tenths % 600) / 10).toFixed(1).padStart(4, '0');
  return `${Math.floor(tenths / 600)}:${rest}`;
}
