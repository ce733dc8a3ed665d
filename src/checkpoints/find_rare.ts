import { readExactly } from '../files/read.js';
import type { ModelSource, SourceFile } from '../files/source.js';
import { FIRST_BYTES, isWhole } from '../files/wanted_files.js';
import { allOf, BESIDE_MODELS } from './all_formats.js';
import type { CheckpointFormat, FoundModel } from './format.js';
import { partsOf } from './gguf/part_names.js';
import { severalModels } from './several_models.js';

/** Most files of which the first bytes are read to find the one that is a model. */
const MOST_READ = 32;

/**
 * The model in a source whose files are none of the usual formats, or several of them; `undefined` if there
 * is none. The first bytes of a file show its format if its name does not. Throws as `findModel` does.
 */
export async function findRare(
  source: ModelSource,
  listed: readonly SourceFile[],
  usual: readonly CheckpointFormat[],
  signal: AbortSignal | undefined,
): Promise<{ format: CheckpointFormat; model: FoundModel } | undefined> {
  const formats = allOf(usual);
  for (const format of formats) {
    const name = format.weights.find((name) => listed.some(({ path }) => path === name));
    const file = listed.find(({ path }) => path === name);
    if (file !== undefined) return { format, model: { source, listed, file } };
  }
  // The only file of a source may have any name.
  const isCandidate = ({ path }: SourceFile) =>
    !BESIDE_MODELS.test(path) && (listed.length === 1 || formats.some((format) => isWhole(path, format)));
  const candidates = listed.filter(isCandidate).slice(0, MOST_READ);
  const found: { format: CheckpointFormat; file: SourceFile }[] = [];
  for (const file of candidates) {
    // A split file is found by its first part that is there.
    const parts = partsOf(file.path);
    if (
      parts?.paths.some((path, i) => i + 1 < parts.number && candidates.some((other) => other.path === path))
    )
      continue;
    const format = await formatOf(source, file, usual, signal);
    if (format !== undefined) found.push({ format, file });
  }
  const [first, ...others] = found;
  if (first === undefined) return undefined;
  const { format, file } = first;
  if (others.length === 0) return { format, model: { source, listed, file } };
  throw severalModels(
    source.name,
    found.map(({ file }) => file),
  );
}

/**
 * The format whose extension a file has; by the first bytes, if several formats have it or none, or if it is
 * one that files of other programs have too.
 */
async function formatOf(
  source: ModelSource,
  { path, byteLength }: SourceFile,
  usual: readonly CheckpointFormat[],
  signal: AbortSignal | undefined,
): Promise<CheckpointFormat | undefined> {
  const formats = allOf(usual);
  const [only, ...others] = formats.filter((format) => isWhole(path, format));
  const isSure = only?.begins === undefined || usual.includes(only);
  if (only !== undefined && others.length === 0 && isSure) return only;
  if (byteLength < FIRST_BYTES) return undefined;
  const bytes = await readExactly(source, path, 0, FIRST_BYTES, signal);
  return formats.find(({ begins }) => begins?.(bytes));
}
