import { Resource } from '../base/resource.js';
import type { AnyPrompt } from '../generate/prefixed_prompt.js';
import type { Prompt } from '../generate/prompt.js';
import type {
  Answer,
  AnswerOptions,
  Classification,
  ClassifyOptions,
  MultipleChoice,
  MultipleChoiceOptions,
  PromptAndAnswer,
  RewardOptions,
  Tagging,
  TagOptions,
  TextPair,
} from './heads/types.js';

type Calls = typeof import('./calls.js');

/** Makes one of the calls that many pages never need: all but those that generate. Their code is loaded here. */
export const call = (async (name: keyof Calls, ...args: unknown[]) =>
  ((await import('./calls.js'))[name] as (...args: unknown[]) => unknown)(...args)) as <
  K extends keyof Calls,
>(
  name: K,
  ...args: Parameters<Calls[K]>
) => ReturnType<Calls[K]>;

/** The calls of a model with a head for another task than text, in this thread or in a worker. */
export abstract class BaseModel extends Resource {
  /**
   * The class of a text, by the model's head for sequence classification (`GPT2ForSequenceClassification`): labels with
   * their probabilities, or the number of a regression. Several texts are evaluated together. As in transformers, the
   * head reads the state of the last token that is not the pad token of config.json, and the tokens of a pair follow
   * one another.
   *
   * Throws `unsupported` for a model without such a head, `invalid-option`, `context-full`, `aborted`.
   */
  classify(text: AnyPrompt | TextPair, options?: ClassifyOptions): Promise<Classification>;
  classify(texts: readonly (AnyPrompt | TextPair)[], options?: ClassifyOptions): Promise<Classification[]>;
  classify(...args: [unknown, ClassifyOptions?]): Promise<unknown> {
    return call('classify', this, ...args);
  }

  /**
   * A label for each token of a text, by the model's head for token classification (`GPT2ForTokenClassification`), and
   * the spans that they make. Several texts are evaluated together. Throws as `classify` does.
   */
  tag(text: AnyPrompt, options?: TagOptions): Promise<Tagging>;
  tag(texts: readonly AnyPrompt[], options?: TagOptions): Promise<Tagging[]>;
  tag(...args: [unknown, TagOptions?]): Promise<unknown> {
    return call('tag', this, ...args);
  }

  /**
   * The spans of `context` that most likely answer `question`, by the model's head for question answering
   * (`GPT2ForQuestionAnswering`), likeliest first. A context that is too long is read in windows, each after the
   * question. Throws as `classify` does.
   */
  answer(question: Prompt, context: Prompt, options?: AnswerOptions): Promise<Answer[]>;
  answer(...args: [Prompt, Prompt, AnswerOptions?]): Promise<Answer[]> {
    return call('answer', this, ...args);
  }

  /**
   * Which of several whole texts, such as a question with each of its answers, is right, by the model's head for
   * multiple choice (`GPT2DoubleHeadsModel`). See `choose` for a model without such a head. Throws as `classify` does.
   */
  multipleChoice(choices: readonly Prompt[], options?: MultipleChoiceOptions): Promise<MultipleChoice>;
  multipleChoice(...args: [readonly Prompt[], MultipleChoiceOptions?]): Promise<MultipleChoice> {
    return call('multipleChoice', this, ...args);
  }

  /**
   * The reward of a text, by a reward model: a head for sequence classification with one label, as DialogRPT has, or
   * the value head of TRL (`v_head`), after the last token. The number is the head's own; the logistic function makes a
   * probability of it. Several texts are evaluated together. Throws as `classify` does.
   */
  reward(text: AnyPrompt | PromptAndAnswer, options?: RewardOptions): Promise<number>;
  reward(texts: readonly (AnyPrompt | PromptAndAnswer)[], options?: RewardOptions): Promise<number[]>;
  reward(...args: [unknown, RewardOptions?]): Promise<unknown> {
    return call('reward', this, ...args);
  }
}
