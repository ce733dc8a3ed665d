import { Gpt2Error, throwIfAborted } from '../base/errors.js';
import type { ModelSource } from './source.js';

/** Bytes `start` to `end` of a file: all of them, or `invalid-file`; `aborted` before and after the read. */
export async function readExactly(
  source: ModelSource,
  path: string,
  start: number,
  end: number,
  signal?: AbortSignal,
  into?: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const work = `reading ${path} of ${source.name}`;
  throwIfAborted(signal, work);
  let bytes: Uint8Array;
  try {
    bytes = await source.read(path, start, end, signal, into);
  } catch (error) {
    throwIfAborted(signal, work); // a source may reject with the signal's reason
    throw error;
  }
  throwIfAborted(signal, work);
  if (bytes.length !== end - start) {
    throw new Gpt2Error(
      'invalid-file',
      `${path} of ${source.name} gave ${bytes.length} bytes where bytes ${start} to ${end} were asked for; ` +
        'it is cut off or was changed while it was read',
    );
  }
  return bytes;
}
