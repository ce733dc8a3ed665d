import { checkOptionNames } from '../../base/check_options.js';
import { memoryError } from '../../base/memory_error.js';
import { storedBytes } from '../../dtypes/decode.js';
import type { WrittenType } from '../../dtypes/encode.js';
import { BLOCK_SIZES } from '../../dtypes/tensor_types.js';
import type { TokenizerParts } from '../../tokenizer/tokenizer_parts.js';
import type { Checkpoint } from '../checkpoint.js';
import { inStoredOrder, type LoadProgress } from '../load_weights.js';
import { aligned, ggufHeader, type MetadataPair } from './header_writer.js';
import { ggufName, storedParameter } from './names.js';
import type { OtherMetadata } from './other_metadata.js';
import { configMetadata, tokenizerMetadata } from './write_metadata.js';
import { type Conversion, type Target, tensorBytes } from './write_tensors.js';

/** How the matrices of a GGUF file are stored: 16-bit floats, Q8_0 or Q4_0. */
export type GgufWeights = 'f16' | 'q8' | 'q4';

/** The type of the matrices, and llama.cpp's number for general.file_type. */
const FORMATS: Readonly<Record<GgufWeights, { matrices: WrittenType; fileType: number }>> = {
  f16: { matrices: 'F16', fileType: 1 },
  q8: { matrices: 'Q8_0', fileType: 7 },
  q4: { matrices: 'Q4_0', fileType: 2 },
};

export const GGUF_WEIGHTS = Object.keys(FORMATS) as readonly GgufWeights[];

/** general.quantization_version: the current version of ggml's block formats. */
const QUANTIZATION_VERSION = 2;

/** A GGUF file that has not been written yet. */
export interface GgufFile {
  /** Size of the whole file in bytes. */
  readonly byteLength: number;
  /** Properties of the model that the file cannot hold, and changes made for its sake; one sentence each. */
  readonly warnings: readonly string[];
  /** The file from its first byte to its last. Reads the weights anew each time it is called. */
  bytes(options?: {
    /** Ends reading with `aborted`. */
    readonly signal?: AbortSignal | undefined;
    /** Called after each piece of weights. */
    readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  }): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>;
}

/** The GGUF file of a converted checkpoint; see `convertModel`. */
export function planGguf(
  checkpoint: Checkpoint,
  tokenizer: TokenizerParts | OtherMetadata | undefined,
  weights: GgufWeights,
  name: string | undefined,
  conversion: Conversion,
): GgufFile {
  const { config, source } = checkpoint;
  const { matrices, fileType } = FORMATS[weights];
  const { pairs, warnings } = tokenizerMetadata(tokenizer, config, source.name);
  const targets = new Map<string, Target>();
  for (const { parameter } of inStoredOrder(checkpoint)) {
    const { shape } = storedParameter(parameter);
    const isMatrix = parameter.kind === 'conv1d' || parameter.kind === 'linear';
    const fits = shape.at(-1)! % BLOCK_SIZES[matrices].weights === 0;
    const type = !isMatrix ? 'F32' : fits ? matrices : 'F16';
    const byteLength = storedBytes(
      type,
      shape.reduce((product, size) => product * size),
    );
    targets.set(parameter.name, { name: ggufName(parameter.name), shape, type, byteLength });
    if (isMatrix && !fits) {
      warnings.push(
        `${ggufName(parameter.name)} is stored as F16: its rows of ${shape.at(-1)} weights are no multiple of ` +
          `the ${BLOCK_SIZES[matrices].weights} of a ${matrices} block`,
      );
    }
  }
  const metadata: MetadataPair[] = [
    ['general.architecture', { type: 'string', value: 'gpt2' }],
    ['general.type', { type: 'string', value: 'model' }],
    ['general.file_type', { type: 'u32', value: fileType }],
    ...configMetadata(config, source.name),
    ...pairs,
  ];
  if (name !== undefined) metadata.push(['general.name', { type: 'string', value: name }]);
  if (weights !== 'f16') {
    metadata.push(['general.quantization_version', { type: 'u32', value: QUANTIZATION_VERSION }]);
  }
  const header = ggufHeader(metadata, [...targets.values()]);
  let byteLength = header.length;
  for (const target of targets.values()) byteLength += aligned(target.byteLength);
  return {
    byteLength,
    warnings,
    async *bytes(options = {}) {
      checkOptionNames('bytes', options, ['signal', 'onProgress']);
      yield header.slice();
      try {
        yield* tensorBytes(checkpoint, targets, conversion, options);
      } catch (error) {
        throw memoryError(error);
      }
    },
  };
}
