import type { Prompt } from '../../../generate/prompt.js';

/** One question to a model. */
export type EvaluationRequest = LoglikelihoodRequest | RollingRequest | GenerateRequest;

/** How likely a continuation is after a context: text or token ids. */
export interface LoglikelihoodRequest {
  readonly type: 'loglikelihood';
  readonly context: Prompt;
  readonly continuation: Prompt;
}

/** How likely a whole text is, in disjoint windows of the context length after the token that begins a text. */
export interface RollingRequest {
  readonly type: 'loglikelihood_rolling';
  readonly text: Prompt;
}

/** How a model continues a context until it writes one of some texts. */
export interface GenerateRequest {
  readonly type: 'generate_until';
  readonly context: string;
  readonly settings: GenerateSettings;
}

/** How texts are generated: greedily if `temperature` is 0. */
export interface GenerateSettings {
  readonly until: readonly string[];
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly seed: number;
}

/** The answer to a request: of `generate_until` the text before the text that ends it. */
export interface Answer {
  /** ln p of the continuation or of the whole text, in nats; absent for `generate_until`. */
  readonly logprob?: number;
  /** Whether each token of the continuation is the likeliest one; for `loglikelihood` and choices. */
  readonly isGreedy?: boolean;
  /** The generated text; for `generate_until`. */
  readonly text?: string;
}
