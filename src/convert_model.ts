import type { AdapterChoice } from './adapters/choice.js';
import type { Source, SourceOptions } from './open_source.js';
import type { GgufFile, GgufWeights } from './weights/gguf/write.js';
import type { DownloadProgress } from './weights/source.js';

export interface ConvertOptions extends SourceOptions {
  /** How the matrices are stored: `f16`, `q8` (Q8_0) or `q4` (Q4_0). Vectors and positions are F32 in any case. */
  readonly weights: GgufWeights;
  /** general.name of the file; none by default. */
  readonly name?: string;
  /** LoRA adapters in PEFT's format that are added to the weights, as for `loadModel`. */
  readonly adapters?: readonly AdapterChoice[];
  /** The compiled core, as for `loadModel`; `q8` and `q4` are packed by it. */
  readonly module?: WebAssembly.Module;
  readonly signal?: AbortSignal;
  /** Called while files are downloaded to be kept. */
  readonly onDownload?: (progress: DownloadProgress) => void;
}

/**
 * Reads the headers and the tokenizer of any model that `loadModel` takes and gives the GGUF file (version 3,
 * architecture gpt2) that llama.cpp loads; in Node, `await writeFile(path, file.bytes())` writes it. Weights are read
 * while the file is written; of them, memory holds some chunks and one matrix.
 *
 * Attention that is not scaled, or scaled by the layer too, is expressed by scaled query weights. Weights that are
 * in the wanted format already are copied bit by bit. q8 and q4 have the same numbers as `loadModel(source, { weights })`.
 *
 * Throws as `loadModel` does, and `unsupported` for another activation than the tanh form of GELU: GGUF has no name
 * for it. `bytes` throws what reading weights does, and `unsupported` for a weight that the format cannot hold.
 *
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
export async function convertModel(source: Source, options: ConvertOptions): Promise<GgufFile> {
  // Few convert, so that its code comes only then.
  const { convert } = await import('./convert.js');
  return convert(source, options);
}
