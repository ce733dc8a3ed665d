import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { withModel } from '../../checkpoints/registry.js';
import type { Source } from '../../files/source_options.js';
import { inspectModel } from '../../model/inspect_model.js';
import { loadModel, loadTokenizer } from '../../model/load_model.js';
import type { Model } from '../../model/model.js';
import type { ModelValues } from '../options/model_flags.js';
import { withLoadProgress } from './load_progress.js';
import { modelSource } from './model_source.js';

/**
 * Loads the model of a command, with progress on stderr. Because loading may take long, `check` gets the
 * config, and the tokenizer is read, before any weights.
 */
export async function loadForCommand(
  values: ModelValues,
  signal: AbortSignal,
  check: (config: ModelConfig) => void = () => {},
): Promise<Model> {
  const { model, revision, adapter, contextLength, weights, kvCache, maxMemory } = values;
  const { build = 'auto', threads = 'auto' } = values;
  return withLoadProgress(values, (progress) => {
    const load = async (files: Source): Promise<Model> => {
      const { config } = await inspectModel(files, { contextLength, signal });
      check(config);
      const tokenizer = await loadTokenizer(values.tokenizer ?? files, { signal });
      return loadModel(files, {
        ...{ contextLength, kvCache, maxMemory, build, threads, tokenizer, signal },
        ...(weights && { weights }),
        ...(adapter && { adapters: adapter }),
        ...progress,
      });
    };
    return withModel(modelSource(model).source, { revision, signal }, load);
  });
}
