import { Gpt2Error } from '../../errors.js';
import { INDEX_FILE, SINGLE_FILE } from '../shards.js';
import type { ModelSource, SourceFile } from '../source.js';

/**
 * The GGUF file of a source that has no safetensors weights, `undefined` where there is none.
 * Throws `invalid-option` where there are several: they are different models, or one in different precisions.
 */
export function findGguf(source: ModelSource, files: readonly SourceFile[]): SourceFile | undefined {
  if (files.some(({ path }) => path === SINGLE_FILE || path === INDEX_FILE)) return undefined;
  const found = files.filter(({ path }) => /\.gguf$/i.test(path));
  if (found.length > 1) {
    throw new Gpt2Error(
      'invalid-option',
      `${source.name} has several models: ${found.map(({ path }) => path).join(', ')}; give the path of one`,
    );
  }
  return found[0];
}
