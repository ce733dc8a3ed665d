import type { Core } from '../../core/types.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { DraftModel } from '../options.js';

/** What drafting needs of a model. */
export interface Draftable {
  readonly core: Core;
  readonly tokenizer: Tokenizer;
}

/** The loaded models, which `draft` may name. */
export const draftables = new WeakMap<DraftModel, Draftable>();
