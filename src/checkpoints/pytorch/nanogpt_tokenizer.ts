import { Gpt2Error } from '../../base/errors.js';
import { readTokenizer } from '../../tokenizer/files/load.js';
import type { ReadTokenizer } from '../../tokenizer/read_tokenizer.js';
import type { FoundModel } from '../format.js';

/** The tokenizer beside a training state of nanoGPT. Throws `not-found` if there is none. */
export async function nanoGptTokenizer(
  { source }: FoundModel,
  signal: AbortSignal | undefined,
): Promise<ReadTokenizer> {
  try {
    return await readTokenizer(source, signal);
  } catch (cause) {
    if (!(cause instanceof Gpt2Error) || cause.code !== 'not-found') throw cause;
    throw new Gpt2Error(
      'not-found',
      `${source.name} has no meta.pkl, so that its tokens are those of GPT-2 or of a file elsewhere; put vocab.json ` +
        "and merges.txt of GPT-2 beside it, or pass its tokenizer: loadTokenizer('openai-community/gpt2')",
      { cause },
    );
  }
}
