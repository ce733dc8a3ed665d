import type { ModelConfig } from '../config.js';
import { findGguf } from './gguf/find.js';
import type { GgufHeader } from './gguf/header.js';
import type { TensorType } from './gguf/types.js';
import type { JsonObject } from './json_object.js';
import type { WeightSlot } from './slots.js';
import type { DownloadOptions, ModelSource } from './source.js';

/** Where a weight is stored, and how; its bytes are `start` (inclusive) to `end` (exclusive) of `file`. */
export interface WeightTensor {
  /** As the file names it. */
  readonly name: string;
  readonly file: string;
  readonly dtype: TensorType;
  /** The slot it fills, with the kind and the shape of the stored rows. */
  readonly slot: WeightSlot;
  readonly start: number;
  readonly end: number;
}

/** A model's files, checked against its config; no weight has been read yet. */
export interface Checkpoint {
  readonly source: ModelSource;
  readonly config: ModelConfig;
  /** Where each weight of `weightSlots(config)` is stored, by the slot's name. */
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  /** Bytes of all `tensors`, which loading reads. */
  readonly totalBytes: number;
  /** The header that this was read from, where the model is a GGUF file. */
  readonly gguf?: GgufHeader;
  /**
   * A head that is stored beside the embedding to which the config ties it. It is not among `tensors`, and whether it
   * counts is for `settleHead` to say.
   */
  readonly storedHead?: WeightTensor | undefined;
  /** What a user may want to know of the files besides `configNotes`, a sentence each. */
  readonly notes: readonly string[];
  /** The JSON of config.json and of generation_config.json, for whoever writes them again; none of a GGUF file. */
  readonly json: ConfigFiles;
}

/** Objects, as they are in the files. */
export interface ConfigFiles {
  readonly config?: JsonObject;
  readonly generation?: JsonObject;
}

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
  const { openSafetensors } = await import('./safetensors_checkpoint.js');
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
