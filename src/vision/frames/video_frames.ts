import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import type { CaptionInput } from '../caption_input.js';
import type { Frame } from './frame.js';

/** Seconds beyond the end of every video. */
const FAR = 1e9;

/** A `<video>`, as far as its frames need it. */
export interface SeekableVideo {
  /** The time of the frame that is shown, in seconds. */
  currentTime: number;
  /** Seconds; NaN before it is known. */
  readonly duration: number;
  /** What went wrong, if something did. */
  readonly error: {
    /** Describes the error. */
    readonly message: string;
  } | null;
  /** Stops it from playing. */
  pause(): void;
  /** As all elements have it. */
  addEventListener(type: string, listener: () => void): void;
  /** As all elements have it. */
  removeEventListener(type: string, listener: () => void): void;
}

/** Which frames of a video are given. */
export interface VideoFramesOptions {
  /** Seconds from one frame to the next: above 0; default 1. */
  readonly every?: number | undefined;
  /** Ends the frames with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Frames of a `<video>` in a page, from its start to its end. The video is paused and moved from frame to
 * frame, and at last to the place where it was; each frame is the video itself, so that it must be read before
 * the next one is asked for, as `captionFrames` does. A video of another site needs CORS, or its pixels cannot
 * be read.
 *
 * Throws `invalid-file` for a video that cannot be decoded, `invalid-option` for one without an end.
 */
export async function* videoFrames(
  video: SeekableVideo,
  options: VideoFramesOptions = {},
): AsyncGenerator<Frame, void> {
  checkOptionNames('videoFrames', options, ['every', 'signal']);
  const { every = 1, signal } = options;
  if (!(Number.isFinite(every) && every > 0)) throw invalidOption('every', every, 'seconds, above 0');
  if (typeof video?.pause !== 'function') throw invalidOption('video', video, 'a <video> element');
  if (Number.isNaN(video.duration)) await happened(video, 'loadedmetadata', signal);
  const { currentTime } = video;
  video.pause();
  try {
    const duration = await durationOf(video, signal);
    for (let i = 0; i * every < duration; i++) {
      const time = i * every;
      const seeked = happened(video, 'seeked', signal);
      video.currentTime = time;
      await seeked;
      yield { time, duration: Math.min(every, duration - time), image: video as unknown as CaptionInput };
    }
  } finally {
    video.currentTime = currentTime;
  }
}

/** The end of a video; a recording that names none has it once it was sought. Throws `invalid-option`. */
async function durationOf(video: SeekableVideo, signal: AbortSignal | undefined): Promise<number> {
  if (video.duration === Infinity) {
    const seeked = happened(video, 'seeked', signal);
    video.currentTime = FAR;
    await seeked;
  }
  const { duration } = video;
  if (duration < Infinity) return duration;
  throw invalidOption("the video's duration", duration, 'finite');
}

/** Waits for an event of a video. Throws `aborted`, and `invalid-file` if the video fails first. */
function happened(video: SeekableVideo, event: string, signal: AbortSignal | undefined): Promise<void> {
  const what = 'reading frames of the video';
  throwIfAborted(signal, what);
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => () => {
      video.removeEventListener(event, done);
      video.removeEventListener('error', failed);
      signal?.removeEventListener('abort', aborted);
      then();
    };
    const done = settle(resolve);
    const failed = settle(() =>
      reject(
        new Gpt2Error('invalid-file', `the video cannot be decoded: ${video.error?.message ?? 'unknown'}`),
      ),
    );
    const aborted = settle(() => {
      try {
        throwIfAborted(signal, what);
      } catch (error) {
        reject(error);
      }
    });
    video.addEventListener(event, done);
    video.addEventListener('error', failed);
    signal?.addEventListener('abort', aborted);
  });
}
