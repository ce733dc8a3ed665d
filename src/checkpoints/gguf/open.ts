import { modelParameters } from '../../architecture/gpt2/parameters.js';
import { withNotes } from '../../tokenizer/files/parts.js';
import type { TokenizerParts } from '../../tokenizer/tokenizer_parts.js';
import type { Checkpoint } from '../checkpoint.js';
import type { FoundModel } from '../format.js';
import { byteLengthOf, matchTensors } from '../match.js';
import { ggufConfig } from './config.js';
import { ggufWeights } from './default_weights.js';
import { readGgufHeader } from './header.js';
import { ggufModel } from './names.js';
import { ggufTokenizer } from './tokenizer.js';

/**
 * Reads the header of a GGUF file and finds every weight of the model in it. Throws as `openCheckpoint` does.
 */
export async function openGguf({ source, file }: FoundModel, signal?: AbortSignal): Promise<Checkpoint> {
  const gguf = await readGgufHeader(source, file, signal);
  const config = await ggufConfig(gguf);
  const tensors = await matchTensors(modelParameters(config), gguf.tensors, ggufModel(gguf, config));
  return {
    source,
    config,
    tensors,
    totalBytes: byteLengthOf(tensors),
    tokenizer: () => withNotes(ggufTokenizer(gguf)),
    namedWeights: () => ggufWeights(gguf),
    notes: [],
    json: {},
  };
}

/** Reads the tokenizer in a GGUF file alone. Throws as `ggufTokenizer` does. */
export async function readGgufTokenizer(
  { source, file }: FoundModel,
  signal?: AbortSignal,
): Promise<TokenizerParts> {
  return withNotes(ggufTokenizer(await readGgufHeader(source, file, signal)));
}
