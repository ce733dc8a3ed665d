import { Gpt2Error } from '../base/errors.js';
import type { SourceFile } from '../files/source.js';
import { splitFile } from './gguf/other_model.js';

/** Names of the parts of a split GGUF file. */
const PART = /-\d{5}-of-\d{5}\.gguf$/i;

/** The error for several files each of which is a whole model, or a part of one. */
export function severalModels(source: string, files: readonly SourceFile[]): Gpt2Error {
  const paths = files.map(({ path }) => path);
  if (paths.every((path) => PART.test(path))) return splitFile(`${paths[0]} of ${source}`, paths.length);
  return new Gpt2Error(
    'invalid-option',
    `${source} has several models: ${paths.join(', ')}; give the path of one`,
  );
}
