import type { GgufFile } from '../checkpoints/gguf/write.js';
import type { Source } from '../files/source_options.js';
import type { ConvertOptions } from './convert_options.js';

/**
 * Reads the headers and the tokenizer of any model that `loadModel` takes and gives the GGUF file (version
 * 3, architecture gpt2) that llama.cpp loads; in Node, `await writeFile(path, file.bytes())` writes it.
 * Weights are read while the file is written; of them, memory holds some chunks and one matrix.
 *
 * Attention that is not scaled, or scaled by the layer too, is expressed by scaled query weights. Weights
 * that are in the wanted format already are copied bit by bit. q8 and q4 have the same numbers as
 * `loadModel(source, { weights })`.
 *
 * Throws as `loadModel` does, and `unsupported` for another activation than the tanh form of GELU: GGUF has
 * no name for it. `bytes` throws the errors of reading weights, and `unsupported` for a weight that the
 * format cannot hold.
 *
 * Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
export async function convertModel(source: Source, options: ConvertOptions): Promise<GgufFile> {
  // Loaded on demand, since few programs convert.
  const { convert } = await import('./convert.js');
  return convert(source, options);
}
