import type { Core } from '../core/types.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import type { DraftModel } from './options.js';

/** What one model needs of another that helps it. */
export interface LoadedModel {
  readonly core: Core;
  readonly tokenizer: Tokenizer;
}

/** The models of this thread, which options such as `draft` may name. */
export const loadedModels = new WeakMap<DraftModel, LoadedModel>();
