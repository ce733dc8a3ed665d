import type { GgufWeights } from '../checkpoints/gguf/write.js';
import type { DownloadProgress } from '../files/source.js';
import type { SourceOptions } from '../files/source_options.js';
import type { AdapterChoice } from './adapters/adapter_choice.js';

/** How a model is converted. */
export interface ConvertOptions extends SourceOptions {
  /**
   * How the matrices are stored: `f16`, `q8` (Q8_0) or `q4` (Q4_0). Vectors and positions are F32 in any
   * case.
   */
  readonly weights: GgufWeights;
  /** general.name of the file; none by default. */
  readonly name?: string;
  /** Adapters in PEFT's format that are merged into the weights, as for `loadModel`. */
  readonly adapters?: readonly AdapterChoice[];
  /** The compiled core, as for `loadModel`; `q8` and `q4` are packed by it. */
  readonly module?: WebAssembly.Module;
  /** Ends the conversion with `aborted`. */
  readonly signal?: AbortSignal;
  /** Called while files are downloaded to be kept. */
  readonly onDownload?: (progress: DownloadProgress) => void;
}
