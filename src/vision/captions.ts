import { onAbort } from '../base/cancellation.js';
import { checkOptionNames } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { inOrder } from '../base/in_order.js';
import { drained, type TokenStream } from '../generate/token_stream.js';
import type { Caption, CaptionOptions, CaptionsOptions, CaptionToken } from './caption.js';
import type { CaptionInput } from './caption_input.js';
import { CAPTION_OPTION_NAMES } from './caption_options.js';

/** Captions under way: enough rows that the weights are read once for several. */
const MOST = 8;

/** The images of an array, or of the files that a person has chosen in a page; undefined for a single image. */
export function imagesOf(input: unknown): CaptionInput[] | undefined {
  const isList = Array.isArray(input) || Object.prototype.toString.call(input) === '[object FileList]';
  return isList ? Array.from(input as ArrayLike<CaptionInput>) : undefined;
}

/** The captions of several images, in their order; one that fails ends the others. `caption` writes that of one. */
export async function eachCaption(
  images: readonly CaptionInput[],
  given: CaptionsOptions,
  caption: (image: CaptionInput, options: CaptionOptions) => TokenStream<CaptionToken, Caption>,
): Promise<Caption[]> {
  checkOptionNames('caption', given, [...CAPTION_OPTION_NAMES, 'onProgress']);
  const { onProgress, signal, ...options } = given;
  const total = images.length;
  const left = new AbortController();
  const leave = () => left.abort(signal?.reason);
  if (signal?.aborted) leave();
  const run = async (image: CaptionInput, index: number) => {
    try {
      return await drained(caption(image, { ...options, signal: left.signal }));
    } catch (error) {
      throw atIndex(error, index);
    }
  };
  const captions: Caption[] = [];
  const work = { size: () => 1, most: MOST, signal: undefined, run };
  const unlisten = onAbort(signal, leave);
  try {
    for await (const done of inOrder(images, work)) {
      captions.push(done);
      onProgress?.({ done: captions.length, total });
    }
    return captions;
  } finally {
    unlisten();
    leave();
  }
}

/** An error that the caller can mend names the image. */
function atIndex(error: unknown, index: number): unknown {
  if (!(error instanceof Gpt2Error)) return error;
  return new Gpt2Error(error.code, `image ${index}: ${error.message}`, { cause: error });
}
