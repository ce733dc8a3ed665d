import type { DownloadOptions, ModelSource } from '../files/source.js';
import type { ReadTokenizer } from '../tokenizer/read_tokenizer.js';
import type { Checkpoint } from './checkpoint.js';
import { findModel } from './registry.js';
import { FORMATS } from './usual_formats.js';

/**
 * Reads the config and the headers of a model in any format that is read, and finds every weight of the model
 * in it.
 *
 * Throws `not-found` if a file is missing, `invalid-file` if one is damaged or contradicts another,
 * `unsupported` for weights or settings that cannot be computed with, and `aborted`.
 */
export async function openCheckpoint(
  source: ModelSource,
  signal?: AbortSignal,
  formats = FORMATS,
): Promise<Checkpoint> {
  const found = await findModel(source, signal, formats);
  if (found !== undefined) return found.format.open(found.model, signal);
  const { noModel } = await import('./no_model.js');
  throw await noModel(source, formats, signal);
}

/**
 * Reads the tokenizer of the model in a source, also if that has no weights. Throws `not-found` if there is
 * none, `invalid-file`, `unsupported` and `aborted`.
 */
export async function openTokenizer(
  source: ModelSource,
  signal?: AbortSignal,
  formats = FORMATS,
): Promise<ReadTokenizer> {
  const found = await findModel(source, signal, formats);
  return (await found?.format.tokenizer?.(found.model, signal)) ?? tokenizerFiles(source, signal);
}

/** The tokenizer of a model that is open. Throws as `openTokenizer`. */
export async function tokenizerOf(checkpoint: Checkpoint, signal?: AbortSignal): Promise<ReadTokenizer> {
  return checkpoint.tokenizer?.() ?? tokenizerFiles(checkpoint.source, signal);
}

/** The tokenizer in separate files. Its code is loaded only here: models in GGUF do not need it. */
async function tokenizerFiles(source: ModelSource, signal: AbortSignal | undefined): Promise<ReadTokenizer> {
  const { readTokenizer } = await import('../tokenizer/files/load.js');
  return readTokenizer(source, signal);
}

/**
 * Decides which head counts in a checkpoint whose config ties the head to the token embedding and that stores
 * a head nevertheless: the stored one if its numbers differ, as in transformers 5 (version 4 always ties).
 * Any other checkpoint is returned unchanged. Reads the two tensors, and downloads the weights first if the
 * source keeps downloads; with `endsOnly` it reads only the beginnings and ends of the two.
 */
export async function settleHead(
  checkpoint: Checkpoint,
  { endsOnly = false, signal, onDownload }: DownloadOptions & { readonly endsOnly?: boolean } = {},
): Promise<Checkpoint> {
  const { storedHead, source } = checkpoint;
  if (storedHead === undefined) return checkpoint;
  if (!endsOnly) await source.download?.(weightFiles(checkpoint), { signal, onDownload });
  // Few checkpoints store both, so that this code is loaded only for them.
  const { settleStoredHead } = await import('./stored_head.js');
  return settleStoredHead(checkpoint, storedHead, endsOnly, signal);
}

/** Paths of the files that hold the weights. */
export function weightFiles({ tensors, storedHead }: Pick<Checkpoint, 'tensors' | 'storedHead'>): string[] {
  const stored = [...tensors.values(), ...(storedHead === undefined ? [] : [storedHead])];
  return [...new Set(stored.map(({ file }) => file))];
}
