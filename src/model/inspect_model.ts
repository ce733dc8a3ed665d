import type { Source } from '../files/source_options.js';
import type { InspectOptions, ModelInfo } from './model_info.js';

/**
 * Reads a checkpoint's config and headers and reports the memory that the model needs if it is loaded with
 * these options. Throws as `loadModel` does.
 */
export async function inspectModel(source: Source, options: InspectOptions = {}): Promise<ModelInfo> {
  // Loaded on demand, since running a model does not need it.
  const { inspect } = await import('./inspect.js');
  return inspect(source, options);
}
