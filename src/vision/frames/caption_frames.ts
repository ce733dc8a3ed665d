import { checkIterable } from '../../base/check_lists.js';
import { checkNumber } from '../../base/check_number.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Caption, CaptionOptions } from '../caption.js';
import type { CaptionInput } from '../caption_input.js';
import { CAPTION_OPTION_NAMES } from '../caption_options.js';
import { changeOf } from './change.js';
import type { Cue, Frame, FramesOptions } from './frame.js';

const CHANGE = 0.05;
/** Seconds that a single frame without a duration is seen. */
const ALONE = 1;

/** A captioner, here or in a worker, as frames need it. */
export interface FrameCaptioner {
  /** What the pixels of a channel differ by between black and white. */
  readonly pixelRanges: readonly number[];
  pixels(image: CaptionInput, signal: AbortSignal | undefined): Promise<Float32Array>;
  caption(pixels: Float32Array, options: CaptionOptions): Promise<Caption>;
  /** Throws if there is no tokenizer, so that captions have no text. */
  assertText(): unknown;
}

/** Cues for those frames that differ from the last one that has a caption; see `Captioner.captionFrames`. */
export async function* captionFrames(
  captioner: FrameCaptioner,
  frames: Iterable<Frame> | AsyncIterable<Frame>,
  given: FramesOptions,
): AsyncGenerator<Cue, void> {
  checkOptionNames('captionFrames', given, [...CAPTION_OPTION_NAMES, 'every', 'change']);
  const { every = 0, change = CHANGE, ...options } = given;
  checkIterable('frames', frames, 'frames, each with a time and an image');
  checkNumber('every', every, [(value) => value >= 0 && value < Infinity, 'a number of seconds, 0 or more']);
  checkNumber('change', change, [(value) => value >= 0 && value <= 1, 'a number from 0 to 1']);
  const { signal } = options;
  const { pixelRanges } = captioner;
  await captioner.assertText();
  const clock = new Clock(every);
  let captioned: Float32Array | undefined;
  let cue: Omit<Cue, 'end'> | undefined;
  for await (const frame of frames) {
    if (signal?.aborted) break;
    if (!clock.isDue(frame)) continue;
    const pixels = await captioner.pixels(frame.image, signal);
    if (captioned !== undefined && changeOf(captioned, pixels, pixelRanges) <= change) continue;
    const caption = await captioner.caption(pixels, options);
    if (signal?.aborted) break;
    captioned = pixels;
    if (caption.text === cue?.text) continue;
    if (cue !== undefined) yield { ...cue, end: frame.time };
    cue = { start: frame.time, text: caption.text, caption };
  }
  if (cue !== undefined) yield { ...cue, end: clock.end };
}

/** The times of the frames so far. */
class Clock {
  readonly #every: number;
  #last: Frame | undefined;
  #duration = ALONE;
  #seen: number | undefined;

  constructor(every: number) {
    this.#every = every;
  }

  /** Whether a frame is looked at. Throws `invalid-option` for one that comes before the last one. */
  isDue(frame: Frame): boolean {
    const { time, duration } = checked(frame);
    if (this.#last !== undefined && time <= this.#last.time) {
      throw new Gpt2Error(
        'invalid-option',
        `a frame's time is ${time}, after a frame of ${this.#last.time}; times must grow`,
      );
    }
    this.#duration = duration ?? (this.#last === undefined ? ALONE : time - this.#last.time);
    this.#last = frame;
    if (this.#seen !== undefined && time - this.#seen < this.#every) return false;
    this.#seen = time;
    return true;
  }

  /** When the last frame is no longer seen. */
  get end(): number {
    return (this.#last?.time ?? 0) + this.#duration;
  }
}

function checked(frame: Frame): Frame {
  if (typeof frame !== 'object' || frame === null) {
    throw invalidOption('a frame', frame, 'an object with a time and an image');
  }
  const { time, duration } = frame;
  checkNumber("a frame's time", time, [(value) => value >= 0 && value < Infinity, 'seconds, 0 or more']);
  if (duration !== undefined) {
    checkNumber("a frame's duration", duration, [
      (value) => value > 0 && value < Infinity,
      'seconds, above 0',
    ]);
  }
  return frame;
}
