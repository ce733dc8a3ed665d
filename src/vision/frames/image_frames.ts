import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import type { Source } from '../../files/source_options.js';
import type { Frame } from './frame.js';

/** How the images of a folder become frames. */
export interface ImageFramesOptions {
  /** Images a second: above 0; default 1. */
  readonly rate?: number | undefined;
  /** Ends reading with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The images of a folder, or of files that were chosen in a page, as the frames of a video: in the order of
 * their names, numbers in names by their size (`frame-9.png` before `frame-10.png`). Each is read when it is
 * asked for. Throws `not-found` for a folder without images.
 */
export async function* imageFrames(
  source: Source,
  options: ImageFramesOptions = {},
): AsyncGenerator<Frame, void> {
  checkOptionNames('imageFrames', options, ['rate', 'signal']);
  const { rate = 1, signal } = options;
  if (!(Number.isFinite(rate) && rate > 0)) throw invalidOption('rate', rate, 'a number above 0');
  // Loaded on demand, since frames of a page's videos need no files.
  const { eachImage } = await import('./images_in.js');
  let count = 0;
  for await (const image of eachImage(source, signal)) {
    yield { time: count / rate, duration: 1 / rate, image };
    count++;
  }
}
