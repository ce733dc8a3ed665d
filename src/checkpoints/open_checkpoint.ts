import type { DownloadOptions, ModelSource } from '../files/source.js';
import type { Checkpoint } from './checkpoint.js';
import { findGguf } from './gguf/find.js';

/**
 * Reads the config and the headers of a Hugging Face checkpoint, or of a GGUF file where the source has one and
 * no safetensors, and finds every weight of the model in it.
 *
 * Throws `not-found` where a file is missing, `invalid-file` where one is damaged or contradicts another,
 * `unsupported` for weights or settings that cannot be computed with, and `aborted`.
 */
export async function openCheckpoint(source: ModelSource, signal?: AbortSignal): Promise<Checkpoint> {
  const listed = await source.list(signal);
  const gguf = await findGguf(source, listed, signal);
  // A model has one of two formats, so that the code of the other is not loaded.
  if (gguf !== undefined) {
    const { openGguf } = await import('./gguf/reader.js');
    return openGguf(source, gguf, signal);
  }
  const { openSafetensors } = await import('./huggingface/open.js');
  return openSafetensors(source, listed, signal);
}

/**
 * A checkpoint whose config ties the head to the token embedding, and that stores a head all the same, with the head that
 * counts: the stored one if its numbers are others, as in transformers 5 (version 4 tied in any case). Any other checkpoint
 * is given back as it is. Weights are read for that, downloaded if the source keeps what it downloads; with `endsOnly` no
 * more than the beginnings and ends of the two.
 */
export async function settleHead(
  checkpoint: Checkpoint,
  { endsOnly = false, signal, onDownload }: DownloadOptions & { readonly endsOnly?: boolean } = {},
): Promise<Checkpoint> {
  const { storedHead, source } = checkpoint;
  if (storedHead === undefined) return checkpoint;
  if (!endsOnly) await source.download?.(weightFiles(checkpoint), { signal, onDownload });
  // Few checkpoints store both, so that its code comes only then.
  const { settleStoredHead } = await import('./stored_head.js');
  return settleStoredHead(checkpoint, storedHead, endsOnly, signal);
}

/** Paths of the files that hold the weights. */
export function weightFiles({ tensors, storedHead }: Checkpoint): string[] {
  const stored = [...tensors.values(), ...(storedHead === undefined ? [] : [storedHead])];
  return [...new Set(stored.map(({ file }) => file))];
}
