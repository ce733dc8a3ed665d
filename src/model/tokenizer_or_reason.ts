import type { Gpt2Error } from '../base/errors.js';
import { foundOrReason } from '../base/found_or_reason.js';
import type { Checkpoint } from '../checkpoints/checkpoint.js';
import { tokenizerOf } from '../checkpoints/open_checkpoint.js';
import { createTokenizer } from '../tokenizer/read_tokenizer.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';

/** The tokenizer, or the error that says why there is none: a model without one still computes logits. */
export function tokenizerOrReason(
  checkpoint: Checkpoint,
  signal: AbortSignal | undefined,
): Promise<Tokenizer | Gpt2Error> {
  return foundOrReason(tokenizerOf(checkpoint, signal).then(createTokenizer));
}
