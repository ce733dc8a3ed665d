import type { Model } from '../../model/model.js';
import { loadForCommand } from '../inputs/load_model.js';
import type { Flag } from '../options/flag.js';
import {
  BUILD_FLAG,
  MEMORY_FLAGS,
  MODEL_STANDARD,
  type ModelValues,
  THREADS_FLAG,
} from '../options/model_flags.js';
import { type NamedModel, namedModels, parseNamedModel } from './named_models.js';

/** Flags that name the models of a server, and say how they compute. */
export const SERVED_FLAGS: Readonly<Record<string, Flag>> = {
  model: {
    value: 'name=path|id',
    parse: parseNamedModel,
    help: `serve a model under a name: folder, .gguf file or id on the Hugging Face hub; default: ${MODEL_STANDARD}`,
    isRepeatable: true,
  },
  build: { ...BUILD_FLAG, standard: 'simd' },
  ...MEMORY_FLAGS,
  threads: THREADS_FLAG,
};

/** Their values. */
export interface ServedValues extends Omit<ModelValues, 'model'> {
  readonly model?: readonly NamedModel[];
}

/** Loads the models into `models`, by their names. */
export async function loadServed(
  { model, ...values }: ServedValues,
  models: Record<string, Model>,
  signal: AbortSignal,
): Promise<void> {
  for (const { name, source } of namedModels(model)) {
    const given = { build: 'simd' as const, ...values, ...(source !== undefined && { model: source }) };
    models[name] = await loadForCommand(given, signal);
  }
}
