import { Gpt2Error } from '../base/errors.js';
import type { SourceFile } from '../files/source.js';

/** The error for several files each of which is a whole model. */
export function severalModels(source: string, files: readonly SourceFile[]): Gpt2Error {
  const paths = files.map(({ path }) => path);
  return new Gpt2Error(
    'invalid-option',
    `${source} has several models: ${paths.join(', ')}; give the path of one`,
  );
}
