import { checkOptionNames } from './check_options.js';
import { configNotes } from './config_notes.js';
import { checkWeights, estimateMemory } from './core/layout.js';
import { defaultWeights } from './default_weights.js';
import type { InspectOptions, ModelInfo } from './inspect_model.js';
import { SOURCE_OPTION_NAMES, type Source, withSource } from './open_source.js';
import { openCheckpoint, settleHead } from './weights/checkpoint.js';
import { shortenContext } from './weights/shorten_context.js';
import { parameterCount } from './weights/slots.js';

/** As `inspectModel`. */
export async function inspect(source: Source, options: InspectOptions): Promise<ModelInfo> {
  checkOptionNames('inspectModel', options, [...SOURCE_OPTION_NAMES, 'weights', 'contextLength', 'signal']);
  const { contextLength, signal } = options;
  checkWeights(options.weights);
  const stored = await withSource(source, options, async (files) =>
    settleHead(await openCheckpoint(files, signal), { endsOnly: true, signal }),
  );
  const { config } = contextLength === undefined ? stored : shortenContext(stored, contextLength);
  const weights = options.weights ?? (await defaultWeights(stored));
  const memory = { ...estimateMemory(config, weights), parameters: parameterCount(stored.config) };
  const notes = [...configNotes(stored), ...stored.notes];
  return { config, weights, memory, storedBytes: stored.totalBytes, notes };
}
