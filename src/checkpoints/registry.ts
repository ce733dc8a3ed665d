import { withSource } from '../files/open_source.js';
import type { ModelSource } from '../files/source.js';
import type { OpenOptions, Source } from '../files/source_options.js';
import { isWhole, type WantedFiles } from '../files/wanted_files.js';
import type { CheckpointFormat, FoundModel } from './format.js';
import { FORMATS } from './usual_formats.js';

const searches = {
  model: () => import('./search.js'),
  tokenizer: () => import('./search_tokenizer.js'),
  adapter: () => import('./peft/search.js'),
};

/** The files to look for in a source. */
export function wantedFiles(kind: keyof typeof searches, formats = FORMATS): WantedFiles {
  return {
    extensions: formats.flatMap(({ extensions }) => extensions),
    // Only addresses are searched; folders and given files list their files.
    search: async () => (await searches[kind]()).search(formats),
  };
}

/**
 * Opens the source of a model, uses it, and closes it if it was opened here. Throws what opening and `use`
 * throw.
 */
export function withModel<R>(
  source: Source,
  options: Omit<OpenOptions, 'wanted'>,
  use: (files: ModelSource) => Promise<R>,
): Promise<R> {
  return withSource(source, { ...options, wanted: wantedFiles('model') }, use);
}

/**
 * The model in a source, and its format; `undefined` if there is none. Throws `invalid-option` for several
 * models, `unsupported` for the parts of a split file.
 */
export async function findModel(
  source: ModelSource,
  signal?: AbortSignal,
  formats = FORMATS,
): Promise<{ format: CheckpointFormat; model: FoundModel } | undefined> {
  const listed = await source.list(signal);
  for (const format of formats) {
    const name = format.weights.find((name) => listed.some(({ path }) => path === name));
    const files = listed.filter(({ path }) => path === name || (name === undefined && isWhole(path, format)));
    if (files.length === 1) return { format, model: { source, listed, file: files[0]! } };
  }
  return (await import('./find_rare.js')).findRare(source, listed, formats, signal);
}
