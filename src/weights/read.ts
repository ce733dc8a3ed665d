import { Gpt2Error, throwIfAborted } from '../errors.js';
import { parseJson } from './json.js';
import { mostBytes } from './limits.js';
import type { ModelSource, SourceFile } from './source.js';

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

/** A whole file that is text or JSON. Throws `invalid-file` for one that is larger than its kind may be. */
export async function readSmall(
  source: ModelSource,
  file: SourceFile,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { path, byteLength } = file;
  const most = mostBytes(path);
  if (byteLength > most) {
    throw new Gpt2Error(
      'invalid-file',
      `${path} of ${source.name} has ${byteLength} bytes; such a file has at most ${most}`,
    );
  }
  return readExactly(source, path, 0, byteLength, signal);
}

/** A whole JSON file, parsed strictly. */
export async function readJson(
  source: ModelSource,
  file: SourceFile,
  signal?: AbortSignal,
): Promise<unknown> {
  return parseJson(await readSmall(source, file, signal), `${file.path} of ${source.name}`);
}
