import type { ModelConfig } from './config.js';
import type { MemoryEstimate, WeightFormat } from './core/layout.js';
import type { Source, SourceOptions } from './open_source.js';

/** What is known of a checkpoint before any weight is read. */
export interface ModelInfo {
  readonly config: ModelConfig;
  /** The format that the matrices will be in. */
  readonly weights: WeightFormat;
  readonly memory: MemoryEstimate;
  /** Bytes of weights in the files. */
  readonly storedBytes: number;
  /**
   * What the files say that is not done, or not as somebody may think: config fields that are ignored, tokens that two
   * files name differently, a head that is stored although it is tied. A sentence each.
   */
  readonly notes: readonly string[];
}

export interface InspectOptions extends SourceOptions {
  /** As in `loadModel`. */
  readonly weights?: WeightFormat | undefined;
  /** As in `loadModel`. */
  readonly contextLength?: number | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Reads a checkpoint's config and headers and says what the model will need when it is loaded with such options.
 * Throws as `loadModel` does.
 */
export async function inspectModel(source: Source, options: InspectOptions = {}): Promise<ModelInfo> {
  // Whoever runs a model need not inspect it, so that its code comes only then.
  const { inspect } = await import('./inspect.js');
  return inspect(source, options);
}
