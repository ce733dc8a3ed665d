import { Gpt2Error } from '../base/errors.js';
import { mostBytes } from './limits.js';
import { readJsonText } from './quick_json.js';
import { readExactly } from './read.js';
import type { ModelSource, SourceFile } from './source.js';

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
  return readJsonText(await readSmall(source, file, signal), `${file.path} of ${source.name}`);
}
