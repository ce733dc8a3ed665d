import { parseJsonObject } from '../../files/json.js';
import type { Tokenization, TokenizeOptions } from '../encode_options.js';
import type { WithFiles } from '../tokenizer_parts.js';
import type { PipelineTokenizer } from './pipeline_tokenizer.js';
import { readPipeline } from './read_pipeline.js';

/** The same tokenizer as a pipeline, which knows offsets, made for the first text. */
const pipelines = new WeakMap<WithFiles, PipelineTokenizer>();

/** Encodes a text with offsets, for a tokenizer of GPT-2's byte-level BPE, whose own encoder has none. */
export async function tokenizePlain(
  tokenizer: WithFiles,
  text: string,
  options: TokenizeOptions,
): Promise<Tokenization> {
  let pipeline = pipelines.get(tokenizer);
  if (pipeline === undefined) {
    const files = tokenizer.files();
    const json = (name: string) => parseJsonObject(files[name]!, name);
    const config = { file: 'tokenizer_config.json', json: json('tokenizer_config.json') };
    pipeline = await readPipeline('tokenizer.json', json('tokenizer.json'), {
      ...{ addedTokens: undefined, specialTokensMap: undefined, tokenizerConfig: config },
    });
    pipelines.set(tokenizer, pipeline);
  }
  return pipeline.tokenize(text, options);
}
