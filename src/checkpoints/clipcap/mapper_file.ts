import { Gpt2Error } from '../../base/errors.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import type { WantedFiles } from '../../files/wanted_files.js';
import { BESIDE_MODELS } from '../all_formats.js';
import type { StoredTensors } from '../format.js';
import { SINGLE_FILE } from '../huggingface/file_names.js';
import { readSafetensorsHeader } from '../safetensors/read.js';
import type { StoredTensor } from '../stored_tensor.js';

/** Before the names of a mapper's tensors, in a file that also has the GPT-2 that was trained with it. */
const PREFIX = 'clip_project.';
/** The token embedding of that GPT-2, [vocabulary, C]. */
const EMBEDDING = 'gpt.transformer.wte.weight';

/** Extensions of files that may hold a mapper, safetensors first. */
const EXTENSIONS = ['.safetensors', '.pt', '.pth', '.bin'];
const ENDINGS = `${EXTENSIONS.slice(0, -1).join(', ')} or ${EXTENSIONS.at(-1)}`;
const RIGHT = `a mapper is a ${ENDINGS} file, or a folder with one, with tensors named ${PREFIX}...`;

/** A mapper in a file; no weight has been read yet. */
export interface MapperFile {
  readonly source: ModelSource;
  readonly path: string;
  /** Its tensors, by their names without `clip_project.`. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** C of the GPT-2 in the same file, if there is one. */
  readonly channels: number | undefined;
}

/** The files to look for in a source. */
export const MAPPER_FILES: WantedFiles = {
  extensions: EXTENSIONS,
  search: async () => ({
    right: async () => RIGHT,
    first: SINGLE_FILE,
    rest: async () => [SINGLE_FILE],
    isFile: (name) => hasExtension(name, EXTENSIONS),
    beside: async () => [],
    isModel: async () => false,
  }),
};

/**
 * Finds the tensors of a ClipCap mapper (Mokady et al. 2021) in a file that has them alone or beside a GPT-2.
 * Throws `not-found`, `invalid-file`, `invalid-option` for several files, and `aborted`.
 */
export async function openMapperFile(source: ModelSource, signal?: AbortSignal): Promise<MapperFile> {
  const file = weightsFile(source, await source.list(signal));
  const { source: weights, tensors: stored } = await storedIn(source, file, signal);
  const own = stored.filter(({ name }) => name.startsWith(PREFIX));
  const tensors = own.length > 0 ? own : stored;
  return {
    ...{ source: weights, path: file.path },
    tensors: new Map(
      tensors.map((tensor) => [tensor.name.slice(own.length > 0 ? PREFIX.length : 0), tensor]),
    ),
    channels: stored.find(({ name }) => name === EMBEDDING)?.shape[1],
  };
}

async function storedIn(
  source: ModelSource,
  file: SourceFile,
  signal: AbortSignal | undefined,
): Promise<StoredTensors> {
  if (hasExtension(file.path, EXTENSIONS.slice(0, 1))) {
    return { source, tensors: await readSafetensorsHeader(source, file, signal) };
  }
  const { readTorchDictionary } = await import('../pytorch/read_dictionary.js');
  return readTorchDictionary(source, file, signal);
}

/** The file of the usual name, else the only one with the first extension that any file has. */
function weightsFile({ name }: ModelSource, listed: readonly SourceFile[]): SourceFile {
  const usual = listed.find(({ path }) => path === SINGLE_FILE);
  if (usual !== undefined) return usual;
  const files = listed.filter(({ path }) => !BESIDE_MODELS.test(path));
  const found = EXTENSIONS.map((extension) => files.filter(({ path }) => hasExtension(path, [extension])));
  const [file, ...others] = found.find((some) => some.length > 0) ?? [];
  if (file === undefined) throw new Gpt2Error('not-found', `${name} has no ${ENDINGS} file; ${RIGHT}`);
  if (others.length === 0) return file;
  const paths = [file, ...others].map(({ path }) => path).join(', ');
  throw new Gpt2Error('invalid-option', `${name} has several files of weights: ${paths}; give one of them`);
}

function hasExtension(path: string, extensions: readonly string[]): boolean {
  return extensions.some((extension) => path.toLowerCase().endsWith(extension));
}
