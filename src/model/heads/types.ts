import type { Prompt } from '../../generate/prompt.js';

/** Two texts that are judged together, such as a premise and a hypothesis, or a turn and a reply. */
export interface TextPair {
  /** The first text, or its token ids. */
  readonly text: Prompt;
  /** The second one, whose tokens follow. */
  readonly pair: Prompt;
}

/** A prompt, and an answer to it that is judged. */
export interface PromptAndAnswer {
  /** The prompt, or its token ids. */
  readonly prompt: Prompt;
  /** The answer. It is encoded together with the prompt, unless one of them is token ids or there is a `separator`. */
  readonly answer: Prompt;
}

/** The functions that make scores of logits. */
export const FUNCTIONS = ['softmax', 'sigmoid', 'none'] as const;

/** How texts are classified. */
export interface ClassifyOptions {
  /**
   * The function that makes scores of logits: `softmax` (one class is right), `sigmoid` (each may be right), or `none`. Default, as in
   * transformers: by `problem_type` of config.json, `none` for `regression` and `sigmoid` for
   * `multi_label_classification`; without it `sigmoid` for one label and else `softmax`.
   */
  readonly apply?: (typeof FUNCTIONS)[number] | undefined;
  /** A text between the two of a pair, which may spell special tokens, such as `<|endoftext|>`. Default none. */
  readonly separator?: string | undefined;
  /** Ends the work with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** A label with its score. */
export interface LabelScore {
  /** The label's name: `id2label` of config.json, else `LABEL_0` and so on. */
  readonly label: string;
  /** Its probability, 0 to 1, or with `none` its logit. */
  readonly score: number;
}

/** The class of a text. */
export interface Classification extends LabelScore {
  /** All labels, in the model's order; `label` and `score` are those of the highest. */
  readonly scores: readonly LabelScore[];
  /** The head's result for each label. */
  readonly logits: Float32Array;
}

/** How texts are tagged. */
export interface TagOptions {
  /** Labels that make no span: `O` by default. */
  readonly ignore?: readonly string[] | undefined;
  /** Ends the work with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** A token with its likeliest label. */
export interface TaggedToken extends LabelScore {
  /** The token's id. */
  readonly id: number;
  /** The characters that the token completes; '' without a tokenizer. */
  readonly text: string;
  /** Position of the first of them in the text, in UTF-16 units. */
  readonly start: number;
  /** Position after the last one. */
  readonly end: number;
}

/** Neighbouring tokens of one label, without the white space around them. */
export interface TaggedSpan extends LabelScore {
  /** Position of its beginning in the text, in UTF-16 units. */
  readonly start: number;
  /** Position of its end. */
  readonly end: number;
  /** Its characters. */
  readonly text: string;
  /** Index of its first token. */
  readonly firstToken: number;
  /** How many tokens it has. */
  readonly tokenCount: number;
}

/** The labels of a text's tokens. */
export interface Tagging {
  /** One for each token. */
  readonly tokens: readonly TaggedToken[];
  /**
   * Runs of tokens with one label. `B-X` begins a span of `X` and `I-X` continues one (Ramshaw and Marcus 1995), as any
   * other label does; a span's score is the mean of its tokens' (`aggregation_strategy="simple"` of transformers).
   */
  readonly spans: readonly TaggedSpan[];
  /** The head's results, a row for each token: T x labels. */
  readonly logits: Float32Array;
}

/** How questions are answered. */
export interface AnswerOptions {
  /** Answers that are given, at most: 1 to 100, default 1. */
  readonly top?: number | undefined;
  /** Most tokens of an answer: default 15. */
  readonly maxTokens?: number | undefined;
  /** Most tokens of question and context in a window: the context length, but at most 384, by default. */
  readonly window?: number | undefined;
  /** Tokens of the context that two windows share: half of a window, but at most 128, by default. */
  readonly stride?: number | undefined;
  /** Ends the work with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** A span of the context that answers a question. */
export interface Answer {
  /** Its characters; '' without a tokenizer. */
  readonly text: string;
  /** p(first token) times p(last token), among the tokens of its window. */
  readonly score: number;
  /** Position of its beginning in the context, in UTF-16 units. */
  readonly start: number;
  /** Position of its end. */
  readonly end: number;
  /** Index of its first token in the context. */
  readonly firstToken: number;
  /** How many tokens it has. */
  readonly tokenCount: number;
  /** Logits of the window that it was found in, for each token of question and context: that it begins the answer. */
  readonly startLogits: Float32Array;
  /** That it ends the answer. */
  readonly endLogits: Float32Array;
}

/** How a choice is made. */
export interface MultipleChoiceOptions {
  /** Index of the token that is judged, for each choice; default: as `summary_type` of config.json says, the last. */
  readonly at?: readonly number[] | undefined;
  /** Ends the work with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** The right one of several texts. */
export interface MultipleChoice {
  /** Index of the likeliest choice; of equal ones the first. */
  readonly index: number;
  /** The probability of each: the softmax of the logits. */
  readonly probabilities: readonly number[];
  /** The head's result for each. */
  readonly logits: Float32Array;
}

/** How rewards are computed. */
export interface RewardOptions {
  /** A text between prompt and answer, which may spell special tokens, such as `<|endoftext|>` of DialogRPT. */
  readonly separator?: string | undefined;
  /** Ends the work with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}
