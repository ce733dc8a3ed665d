import type { ModelConfig } from '../architecture/gpt2/config.js';
import { checkOptionNames, invalidOption, quotedList } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { foundOrReason } from '../base/found_or_reason.js';
import { withinMemory } from '../base/memory_error.js';
import { GGUF_WEIGHTS, type GgufFile, planGguf } from '../checkpoints/gguf/write.js';
import { openCheckpoint, settleHead, tokenizerOf, weightFiles } from '../checkpoints/open_checkpoint.js';
import { withModel } from '../checkpoints/registry.js';
import type { QuantizedFormat } from '../dtypes/weight_formats.js';
import type { Source } from '../files/source_options.js';
import { isOther } from '../tokenizer/read_tokenizer.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { ConvertOptions } from './convert_options.js';

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

/** As `convertModel`. */
export async function convert(source: Source, options: ConvertOptions): Promise<GgufFile> {
  checkOptionNames('convertModel', options, OPTION_NAMES);
  const { weights, name, module, signal, onDownload } = options;
  if (!GGUF_WEIGHTS.includes(weights)) throw invalidOption('weights', weights, quotedList(GGUF_WEIGHTS));
  if (name !== undefined && typeof name !== 'string') throw invalidOption('name', name, 'a string');
  const blocks = weights === 'f16' ? undefined : await withinMemory(openQuantizer(weights, module));
  return withModel(source, options, async (files) => {
    const settled = await settleHead(await openCheckpoint(files, signal), { signal, onDownload });
    const { mergeInto } = await import('./adapters/merge_adapters.js');
    const { checkpoint, sum } = await mergeInto(settled, options);
    const found = await foundOrReason(tokenizerOf(checkpoint, signal));
    const read = found instanceof Gpt2Error ? undefined : found;
    const tokenizer =
      read !== undefined && isOther(read) ? await metadataOf(read, checkpoint.config, files.name) : read;
    const file = planGguf(checkpoint, tokenizer, weights, name, { adapters: sum, blocks });
    await files.download?.(weightFiles(checkpoint), { signal, onDownload });
    const heads = checkpoint.taskHeads ?? [];
    if (heads.length === 0) return file;
    const names = heads.map(({ name }) => name).join(', ');
    return {
      ...file,
      warnings: [...file.warnings, `GGUF has no place for ${names}; the file is of the language model alone`],
    };
  });
}

/** The metadata of a tokenizer that is not GPT-2's. Throws `unsupported` for one that GGUF has no name for. */
async function metadataOf(tokenizer: Tokenizer, { vocabSize }: ModelConfig, source: string) {
  const { otherTokenizerMetadata } = await import('../checkpoints/gguf/write_other_tokenizer.js');
  return otherTokenizerMetadata(tokenizer, vocabSize, source);
}

async function openQuantizer(weights: QuantizedFormat, module: WebAssembly.Module | undefined) {
  const { Quantizer } = await import('../core/packing/quantizer.js');
  return Quantizer.create(weights, module);
}
