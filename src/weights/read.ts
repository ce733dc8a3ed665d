import { Gpt2Error, throwIfAborted } from '../errors.js';
import { parseJson } from './json.js';
import type { ModelSource, SourceFile } from './source.js';

/** Largest JSON file that is read: the same bound as for a safetensors header, far above any real config or index. */
const MAX_JSON_BYTES = 100_000_000;

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

/** A whole JSON file, parsed strictly. */
export async function readJson(
  source: ModelSource,
  file: SourceFile,
  signal?: AbortSignal,
): Promise<unknown> {
  const where = `${file.path} of ${source.name}`;
  if (file.byteLength > MAX_JSON_BYTES) {
    throw new Gpt2Error(
      'invalid-file',
      `${where} has ${file.byteLength} bytes; more than ${MAX_JSON_BYTES} cannot be a model's JSON`,
    );
  }
  return parseJson(await readExactly(source, file.path, 0, file.byteLength, signal), where);
}
