import { Gpt2Error } from '../base/errors.js';
import { blobSource } from './blob_source.js';
import { checkedSource } from './checked_source.js';
import { filesByPath } from './model_files.js';
import type { ModelSource } from './source.js';

/** The reader for a source that is no address: files, or an object that reads. Throws as `withSource` does. */
export function givenSource(source: unknown): ModelSource {
  const files = filesByPath(source);
  if (files === undefined) return checkedSource(source);
  if (files.size > 0) return blobSource(files);
  throw new Gpt2Error(
    'not-found',
    'the list of files is empty; give the files of a model, or one .gguf file',
  );
}
