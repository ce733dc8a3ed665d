import { parameterCount } from '../architecture/gpt2/parameters.js';
import { checkOptionNames } from '../base/check_options.js';
import { configNotes } from '../checkpoints/huggingface/config_notes.js';
import { openCheckpoint, settleHead, weightFiles } from '../checkpoints/open_checkpoint.js';
import { withModel } from '../checkpoints/registry.js';
import { estimateMemory } from '../core/layout.js';
import { checkKvFormat } from '../dtypes/kv_formats.js';
import { checkWeights } from '../dtypes/weight_formats.js';
import { SOURCE_OPTION_NAMES, type Source } from '../files/source_options.js';
import { defaultWeights } from './default_weights.js';
import { storedHeads } from './heads/stored_heads.js';
import { HEADS } from './heads/task_head.js';
import type { InspectOptions, ModelInfo } from './model_info.js';
import { shortenContext } from './shorten_context.js';

/** As `inspectModel`. */
export async function inspect(source: Source, options: InspectOptions): Promise<ModelInfo> {
  checkOptionNames('inspectModel', options, [
    ...SOURCE_OPTION_NAMES,
    'weights',
    'kvCache',
    'contextLength',
    'signal',
  ]);
  const { contextLength, kvCache, signal } = options;
  checkWeights(options.weights);
  checkKvFormat(kvCache);
  const stored = await withModel(source, options, async (files) =>
    settleHead(await openCheckpoint(files, signal), { endsOnly: true, signal }),
  );
  const { config } = contextLength === undefined ? stored : shortenContext(stored, contextLength);
  const weights = options.weights ?? defaultWeights(stored);
  const memory = { ...estimateMemory(config, weights, kvCache), parameters: parameterCount(stored.config) };
  const notes = [...configNotes(stored), ...stored.notes];
  const format = stored.format ?? usualFormat(weightFiles(stored));
  const heads = storedHeads(stored).map(({ name, labels }) => ({
    task: HEADS[name],
    labels: name === 'score' || name === 'classifier' ? labels : [],
  }));
  return { format, config, weights, memory, storedBytes: stored.totalBytes, heads, notes };
}

/** The usual format whose files have these names. A GGUF file may have any name. */
function usualFormat(paths: readonly string[]): string {
  return paths.every((path) => path.endsWith('.safetensors')) ? 'safetensors' : 'GGUF';
}
