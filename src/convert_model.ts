import type { AdapterChoice } from './adapters/choice.js';
import { checkOptionNames, invalidOption } from './check_options.js';
import { Gpt2Error } from './errors.js';
import { type Source, type SourceOptions, withSource } from './open_source.js';
import { readTokenizerParts } from './tokenizer/load.js';
import type { TokenizerParts } from './tokenizer/tokenizer.js';
import { type Checkpoint, openCheckpoint, settleHead, weightFiles } from './weights/checkpoint.js';
import { ggufTokenizerParts } from './weights/gguf/tokenizer.js';
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

const OPTION_NAMES: readonly string[] = [
  'weights',
  'name',
  'module',
  'adapters',
  'revision',
  'token',
  'cache',
  'signal',
  'onDownload',
] satisfies (keyof ConvertOptions)[];
const WEIGHTS: readonly unknown[] = ['f16', 'q8', 'q4'] satisfies GgufWeights[];

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
  checkOptionNames('convertModel', options, OPTION_NAMES);
  const { weights, name, module, adapters, signal, onDownload } = options;
  if (!WEIGHTS.includes(weights)) throw invalidOption('weights', weights, "'f16', 'q8' or 'q4'");
  if (name !== undefined && typeof name !== 'string') throw invalidOption('name', name, 'a string');
  // Few convert, so that its code comes only then.
  const { planGguf } = await import('./weights/gguf/write.js');
  const blocks = weights === 'f16' ? undefined : await openQuantizer(weights, module);
  return withSource(source, options, async (files) => {
    const checkpoint = await settleHead(await openCheckpoint(files, signal), { signal, onDownload });
    const tokenizer = await tokenizerIfAny(checkpoint, signal);
    const { openAdapters, AdapterSum } = await import('./adapters/open_adapters.js');
    const sum = new AdapterSum(await openAdapters(adapters ?? [], checkpoint.config, options));
    const file = planGguf(checkpoint, tokenizer, weights, name, { adapters: sum, blocks });
    await files.download?.(weightFiles(checkpoint), { signal, onDownload });
    return file;
  });
}

async function openQuantizer(weights: 'q8' | 'q4', module: WebAssembly.Module | undefined) {
  const { Quantizer } = await import('./core/quantizer.js');
  return Quantizer.create(weights, module);
}

async function tokenizerIfAny(
  { source, gguf }: Checkpoint,
  signal: AbortSignal | undefined,
): Promise<TokenizerParts | undefined> {
  try {
    return gguf ? ggufTokenizerParts(gguf) : await readTokenizerParts(source, signal);
  } catch (error) {
    if (error instanceof Gpt2Error && error.code === 'not-found') return undefined;
    throw error;
  }
}
