import { modelParameters, numberCount } from '../architecture/gpt2/parameters.js';
import { Gpt2Error } from '../base/errors.js';
import { foundOrReason } from '../base/found_or_reason.js';
import type { Checkpoint } from '../checkpoints/checkpoint.js';
import { readNumbers } from '../checkpoints/huggingface/read_numbers.js';
import {
  type CheckpointToWrite,
  modelToWrite,
  writeModelFiles,
} from '../checkpoints/huggingface/write_checkpoint.js';
import type { LoadProgress } from '../checkpoints/load_weights.js';
import { openCheckpoint, settleHead, tokenizerOf, weightFiles } from '../checkpoints/open_checkpoint.js';
import { readTensor } from '../checkpoints/read_tensor.js';
import { withModel } from '../checkpoints/registry.js';
import type { TensorToWrite } from '../checkpoints/safetensors/write.js';
import type { DownloadProgress } from '../files/source.js';
import type { Source } from '../files/source_options.js';
import type { ModelTarget } from '../files/target.js';
import { createTokenizer } from '../tokenizer/read_tokenizer.js';
import { type AdaptersToMerge, mergeInto } from './adapters/merge_adapters.js';

/** How a model is converted to a folder of transformers. */
export interface FolderOptions extends AdaptersToMerge {
  readonly revision?: string | undefined;
  readonly onDownload?: (progress: DownloadProgress) => void;
  /** Called after each piece of weights. */
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** A model that was written. */
export interface WrittenFolder {
  /** Bytes of all weights, in F32. */
  readonly byteLength: number;
  /** Parts of the model that were not written, a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Writes any model that `loadModel` takes as a folder of transformers: config.json, the weights as safetensors
 * in F32, also those of heads for other tasks, and the tokenizer's files. Of the weights, memory holds some chunks and one matrix. Throws as
 * `loadModel` does.
 */
export async function convertToFolder(
  source: Source,
  target: ModelTarget,
  options: FolderOptions,
): Promise<WrittenFolder> {
  const { signal, onDownload, onProgress } = options;
  return withModel(source, options, async (files) => {
    const settled = await settleHead(await openCheckpoint(files, signal), { signal, onDownload });
    const { checkpoint, sum } = await mergeInto(settled, options);
    const { config, json, totalBytes } = checkpoint;
    const found = await foundOrReason(tokenizerOf(checkpoint, signal));
    const hasTokenizer = !(found instanceof Gpt2Error);
    await files.download?.(weightFiles(checkpoint), { signal, onDownload });
    let loaded = 0;
    let before = 0;
    const model: CheckpointToWrite = {
      config,
      kept: json,
      tokenizer: hasTokenizer ? createTokenizer(found) : undefined,
      weight: (parameter) => {
        before = loaded;
        return readNumbers(checkpoint, parameter, sum, {
          signal,
          onProgress: (progress) => {
            loaded = before + progress.loaded;
            onProgress?.({ ...progress, loaded, total: totalBytes });
          },
        });
      },
    };
    const heads = await readHeads(checkpoint, signal);
    const { architectures } = json.config ?? {};
    const fields = heads.length > 0 && architectures !== undefined ? { architectures } : {};
    await writeModelFiles(target, model, [...modelToWrite(model), ...heads], undefined, fields);
    return {
      byteLength: 4 * numberCount(modelParameters(config)),
      warnings: hasTokenizer ? [] : [`${found.message}; the folder takes token ids only`],
    };
  });
}

/** The tensors of heads for other tasks, under their stored names. */
async function readHeads({ source, taskHeads = [] }: Checkpoint, signal: AbortSignal | undefined) {
  const heads: TensorToWrite[] = [];
  for (const tensor of taskHeads) {
    const { name, shape } = tensor;
    const values = await readTensor(source, tensor, shape, tensor.file, signal);
    heads.push({ name, dtype: 'F32', shape, chunks: () => [new Uint8Array(values.buffer)] });
  }
  return heads;
}
