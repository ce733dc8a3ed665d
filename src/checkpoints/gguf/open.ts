import { modelParameters } from '../../architecture/gpt2/parameters.js';
import type { ReadTokenizer } from '../../tokenizer/read_tokenizer.js';
import type { Checkpoint } from '../checkpoint.js';
import type { FoundModel } from '../format.js';
import { byteLengthOf, matchTensors } from '../match.js';
import { ggufConfig } from './config.js';
import { ggufWeights } from './default_weights.js';
import { type GgufHeader, readGgufHeader } from './header.js';
import { ggufModel } from './names.js';
import { ggufTokenizer } from './tokenizer.js';

/**
 * Reads the header of a GGUF file and finds every weight of the model in it. Throws as `openCheckpoint` does.
 */
export async function openGguf(model: FoundModel, signal?: AbortSignal): Promise<Checkpoint> {
  const { source } = model;
  const gguf = await readWhole(model, signal);
  const config = await ggufConfig(gguf);
  const tensors = await matchTensors(modelParameters(config), gguf.tensors, ggufModel(gguf, config));
  return {
    source,
    config,
    tensors,
    totalBytes: byteLengthOf(tensors),
    tokenizer: () => ggufTokenizer(gguf),
    namedWeights: () => ggufWeights(gguf),
    notes: [],
    json: {},
  };
}

/** Reads the tokenizer in a GGUF file alone. Throws as `ggufTokenizer` does. */
export async function readGgufTokenizer(model: FoundModel, signal?: AbortSignal): Promise<ReadTokenizer> {
  return ggufTokenizer(await readWhole(model, signal));
}

/** The header of a file, or of all parts of a split one. */
async function readWhole(model: FoundModel, signal: AbortSignal | undefined): Promise<GgufHeader> {
  const gguf = await readGgufHeader(model.source, model.file, signal);
  const isWhole = (gguf.metadata.whole('split.count') ?? 1) <= 1;
  return isWhole ? gguf : (await import('./split.js')).joinParts(model, gguf, signal);
}
