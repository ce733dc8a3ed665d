import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import type { ChoiceBuilder } from '../choice_builder.js';
import type { CompletionProcessor } from '../processors/completion_processor.js';
import type { ResolvedOptions } from '../resolved_options.js';
import type { GenerationSequence } from '../sequence.js';

/** What a generation has measured so far. */
export interface Measures {
  cachedPromptTokens: number;
  promptMs: number;
  decodeMs: number;
  /** Tokens after the first one of each choice. */
  decodedTokens: number;
}

/** A generation that searches. */
export interface SearchTask {
  /** Is to hold the prompt, and then the text if there is only one. Its forks are evaluated. */
  readonly sequence: GenerationSequence;
  readonly tokenizer: Tokenizer;
  readonly prompt: readonly number[];
  readonly options: ResolvedOptions;
  readonly measures: Measures;
  /** UTF-16 units at the start of the completion that repeat the end of the prompt. */
  readonly unshown: number;
  /** New processors for the first token after the prompt. */
  createProcessors(): CompletionProcessor[];
  /** The choice of an index, without processors; to be called once for each. */
  begin(index: number): ChoiceBuilder;
}
