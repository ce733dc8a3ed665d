/** A message of a chat that was judged. */
export interface FeedbackMessage {
  /** `system`, `user` or `assistant`. */
  readonly role: string;
  /** The text. */
  readonly content: string;
}

/** The better of two answers, as direct preference optimization learns it. */
export interface PreferredAnswer {
  /** The text before the answers, or the messages. */
  readonly prompt: string | readonly FeedbackMessage[];
  /** The better answer. */
  readonly chosen: string;
  /** The worse one. */
  readonly rejected: string;
}

/** An answer with a thumb. */
export interface JudgedAnswer {
  /** The text before the answer, or the messages. */
  readonly prompt: string | readonly FeedbackMessage[];
  /** The answer. */
  readonly completion: string;
  /** True: a thumb up. */
  readonly label: boolean;
}

/** A person's judgement of answers, by the names of Hugging Face's TRL. */
export type Feedback = PreferredAnswer | JudgedAnswer;
