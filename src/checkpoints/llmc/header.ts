import { type ModelConfig, parseConfig } from '../../architecture/gpt2/config.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Dtype } from '../../dtypes/tensor_types.js';
import { readExactly } from '../../files/read.js';
import type { ModelSource, SourceFile } from '../../files/source.js';
import { knownBytes } from '../known_bytes.js';
import { MODEL_MAGIC } from './magic.js';

/** A header is 256 little-endian i32. */
export const HEADER_BYTES = 1024;

/** The number format of each version that is read. */
const VERSIONS: ReadonlyMap<number, Dtype> = new Map([
  [3, 'F32'],
  [5, 'BF16'],
]);

/** The first numbers of llm.c's tokenizer files, whose second version names the token that ends a text. */
const TOKENIZER_FILE = 'gpt2_tokenizer.bin';
const TOKENIZER_MAGIC = 20240328;

export interface LlmcHeader {
  readonly config: ModelConfig;
  readonly dtype: Dtype;
  /** Rows of the stored embedding; those after the vocabulary are padding. */
  readonly paddedVocabSize: number;
}

/** Reads the header of a model file. Throws `invalid-file`, `unsupported` for another version, and `aborted`. */
export async function readLlmcHeader(
  source: ModelSource,
  file: SourceFile,
  listed: readonly SourceFile[],
  signal: AbortSignal | undefined,
): Promise<LlmcHeader> {
  const where = `${file.path} of ${source.name}`;
  const bytes = await readExactly(source, file.path, 0, Math.min(file.byteLength, HEADER_BYTES), signal);
  const numbers = i32s(bytes);
  const [magic, version, contextLength, vocabSize, layers, heads, channels, padded] = numbers;
  if (magic !== MODEL_MAGIC || numbers.length < HEADER_BYTES / 4) {
    const is = knownBytes(bytes);
    const what = magic === MODEL_MAGIC ? 'cut off within its header' : (is ?? 'no model file of llm.c');
    throw new Gpt2Error('invalid-file', `${where} is ${what}`);
  }
  const dtype = VERSIONS.get(version!);
  if (dtype === undefined) {
    throw new Gpt2Error(
      'unsupported',
      `${where} is version ${version} of llm.c's model files; versions ${[...VERSIONS.keys()].join(' and ')} are ` +
        "read: write it again with llm.c's train_gpt2.py",
    );
  }
  const end = await endOfText(source, listed, signal);
  const fields = {
    ...{ model_type: 'gpt2', vocab_size: vocabSize, n_positions: contextLength },
    ...{ n_embd: channels, n_layer: layers, n_head: heads },
    ...(end !== undefined && { eos_token_id: end, bos_token_id: end }),
  };
  const config = parseConfig(fields, `the header of ${where}`);
  if (padded! < vocabSize!) {
    throw new Gpt2Error(
      'invalid-file',
      `the header of ${where} has a vocabulary of ${vocabSize} tokens, padded to ${padded}; padding makes none smaller`,
    );
  }
  return { config, dtype, paddedVocabSize: padded! };
}

/** The token that ends a text by the tokenizer beside the model, if there is one that names it. */
async function endOfText(
  source: ModelSource,
  listed: readonly SourceFile[],
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const file = listed.find(({ path, byteLength }) => path === TOKENIZER_FILE && byteLength >= 16);
  if (file === undefined) return undefined;
  const [magic, version, , end] = i32s(await readExactly(source, file.path, 0, 16, signal));
  return magic === TOKENIZER_MAGIC && version === 2 && end! >= 0 ? end : undefined;
}

function i32s(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => view.getInt32(4 * i, true));
}
