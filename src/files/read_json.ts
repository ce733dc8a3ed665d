import { Gpt2Error } from '../base/errors.js';
import { mostBytes } from './limits.js';
import { readJsonText } from './quick_json.js';
import { readExactly } from './read.js';
import type { ModelSource, SourceFile } from './source.js';

/**
 * A whole file, such as text or JSON. Throws `invalid-file` for one of more than `most` bytes, by default what its kind
 * may have.
 */
export async function readSmall(
  source: ModelSource,
  { path, byteLength }: SourceFile,
  signal?: AbortSignal,
  most: number = mostBytes(path),
): Promise<Uint8Array> {
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
  return readJsonText(await readSmall(source, file, signal), `${file.path} of ${source.name}`);
}
