import type { FinishReason } from '../../generate/completion.js';
import type { WireLogprobs } from './logprob_list.js';
import type { PromptLogprob } from './opening.js';

/** A text of an answer, or a piece of it in a stream. */
export interface WireChoice {
  readonly index: number;
  readonly text: string;
  readonly logprobs: WireLogprobs | null;
  readonly finish_reason: string | null;
  readonly prompt_logprobs?: readonly PromptLogprob[];
}

/** Reasons by OpenAI's names. */
const FINISH_REASONS: Readonly<Record<Exclude<FinishReason, 'aborted'>, string>> = {
  eos: 'stop',
  stop: 'stop',
  length: 'length',
  context: 'length',
  filter: 'content_filter',
};

/** OpenAI's name of the reason why a text ended. Throws the signal's reason if that ended it early. */
export function finishReasonOf(reason: FinishReason, signal: AbortSignal): string {
  if (reason !== 'aborted') return FINISH_REASONS[reason];
  signal.throwIfAborted();
  throw new Error('a generation ended early without a signal');
}

/** The counts of tokens in an answer. */
export function usageOf(promptTokens: number, completionTokens: number): object {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}
