import type { ModelConfig } from '../architecture/gpt2/config.js';
import type { Gpt2Error } from '../base/errors.js';
import type { ConfigFiles } from '../checkpoints/checkpoint.js';
import { loadWeights } from '../checkpoints/load_weights.js';
import { openCheckpoint, settleHead, weightFiles } from '../checkpoints/open_checkpoint.js';
import type { TrainCore } from '../core/training/train_core.js';
import type { ModelSource } from '../files/source.js';
import { mergedOf } from '../model/load_model.js';
import type { LoadModelOptions } from '../model/load_options.js';
import { tokenizerOrReason } from '../model/tokenizer_or_reason.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

/** A GPT-2 to train. */
export interface StartingModel {
  readonly config: ModelConfig;
  /** The tokenizer of the options or the model, or why there is none. */
  readonly tokenizer: Tokenizer | Gpt2Error;
  /** JSON files of the model. */
  readonly configFiles: ConfigFiles;
  /** Loads its weights into the core. */
  load(core: TrainCore): Promise<void>;
}

/** Opens the model that a run starts from, whose weights, with adapters merged, are loaded later. */
export async function openStartingModel(
  files: ModelSource,
  options: Pick<LoadModelOptions, 'adapters' | 'cache' | 'token' | 'signal'> & {
    readonly tokenizer?: Tokenizer | undefined;
  },
): Promise<StartingModel> {
  const { signal } = options;
  const settled = await settleHead(await openCheckpoint(files, signal), { signal });
  const { checkpoint: opened, merge } = await mergedOf(settled, options);
  return {
    config: opened.config,
    tokenizer: options.tokenizer ?? (await tokenizerOrReason(opened, signal)),
    configFiles: opened.json,
    async load(core) {
      await files.download?.(weightFiles(opened), { signal });
      await loadWeights(opened, merge(core.loader('weights')), { signal });
    },
  };
}
