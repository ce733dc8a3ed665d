import type { Gpt2Error } from '../base/errors.js';
import type { IdsOnly } from './ids_only.js';
import type { Tokenizer } from './tokenizer.js';

/** Why the tokens of a model have no text; undefined for a tokenizer other than `IdsOnly`, which is loaded on demand. */
export const reasonWithoutText = (tokenizer: Tokenizer): Gpt2Error | undefined =>
  (tokenizer as Partial<Pick<IdsOnly, 'reason'>>).reason;
