import { Gpt2Error } from '../../base/errors.js';
import { readTokenizer } from '../../tokenizer/files/load.js';
import type { ReadTokenizer } from '../../tokenizer/read_tokenizer.js';
import type { FoundModel } from '../format.js';
import { CONFIG_FILE } from '../huggingface/file_names.js';
import { CHARACTERS_FILE } from './file_names.js';

/**
 * The tokenizer beside a file of PyTorch. Throws `not-found` if there is none, for nanoGPT, which has no
 * config.json, with advice of its own.
 */
export async function torchTokenizer(
  { source, listed }: FoundModel,
  signal: AbortSignal | undefined,
): Promise<ReadTokenizer> {
  try {
    return await readTokenizer(source, signal);
  } catch (cause) {
    const isNanoGpt = !listed.some(({ path }) => path === CONFIG_FILE);
    if (!isNanoGpt || !(cause instanceof Gpt2Error) || cause.code !== 'not-found') throw cause;
    throw new Gpt2Error(
      'not-found',
      `${source.name} has no tokenizer: it lacks ${CHARACTERS_FILE} with the characters of a nanoGPT; if its tokens are ` +
        "those of GPT-2, put GPT-2's tokenizer.json beside it, or pass loadTokenizer('openai-community/gpt2')",
      { cause },
    );
  }
}
