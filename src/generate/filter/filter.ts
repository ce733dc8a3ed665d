import type { BannedTexts } from '../banned_texts/banned_texts.js';

/** Kinds of personal data that are found: card numbers by their check digit (Luhn), IBANs by theirs (mod 97). */
export type PersonalDataKind = 'email' | 'phone' | 'card' | 'iban';

/**
 * The action for a sentence in which something is found:
 * - `replace`: what was found, or the whole sentence if that is unknown, is replaced
 * - `stop`: the completion ends before the sentence, with the finish reason `filter`
 * - `retry`: the sentence is sampled again with other random numbers; after as many retries as there may be, `stop`
 */
export type FilterAction = 'replace' | 'stop' | 'retry';

/** The verdict of a function about a sentence: `allow`, an action, or the text that replaces it. */
export type FilterVerdict = 'allow' | FilterAction | ReplacedSentence;

/** A verdict with a text in place of the sentence, which brings the white space before it. */
export interface ReplacedSentence {
  /** The text. */
  readonly replace: string;
}

/** The place of a sentence. */
export interface FilterContext {
  /** The completion's text before the sentence, as it was filtered. */
  readonly text: string;
  /** Which of the completions it belongs to, from 0. */
  readonly index: number;
  /** How many times the sentence has been sampled again. */
  readonly retries: number;
}

/** Judges a sentence; it begins with the white space before it. */
export type FilterFunction = (
  sentence: string,
  context: FilterContext,
) => FilterVerdict | Promise<FilterVerdict>;

/** Two prompts after which a sentence is scored by the model itself. */
export interface PromptClassifier {
  /** The sentence is found if it is more likely after the first than after the second. */
  readonly prompts: readonly [string, string];
  /** By how much: nats per token, ln p after the first prompt less ln p after the second. Default 0. */
  readonly threshold?: number | undefined;
}

/** A label of a classifier, and how much it applies to a text. */
export interface ScoredLabel {
  /** Its name. */
  readonly label: string;
  /** Its probability, 0 to 1, or another number. */
  readonly score: number;
}

/** A model that classifies: one with a head for sequence classification, in this thread or in a worker. */
export interface ClassifierModel {
  /** The scores of all labels for a text, as `Model.classify` gives them. */
  classify(text: string): Promise<{
    /** One for each label. */
    readonly scores: readonly ScoredLabel[];
  }>;
}

/** A model with a head for sequence classification that judges each sentence. */
export interface HeadClassifier {
  /** The model. It shares nothing with the one that writes. */
  readonly model: ClassifierModel;
  /** The sentence is found if this label of the head ... */
  readonly label: string;
  /** ... has this score or more: 0.5 by default. */
  readonly threshold?: number | undefined;
}

/** A rule finds something by at least one of `words`, `personalData` and `classifier`, and then takes its action. */
export interface FilterRule {
  /** `'english'`: a list of English profanities; or texts of your own, as for `bannedTexts`. */
  readonly words?: 'english' | readonly string[] | BannedTexts | undefined;
  /** All kinds of personal data, or those that are listed. */
  readonly personalData?: true | readonly PersonalDataKind[] | undefined;
  /** Scores after two prompts, a model with a head, or a function that says whether a sentence is found. */
  readonly classifier?:
    | PromptClassifier
    | HeadClassifier
    | ((sentence: string, context: FilterContext) => boolean | Promise<boolean>)
    | undefined;
  /** Default `replace`. */
  readonly action?: FilterAction | undefined;
  /** The text in place of a replaced one. Default `***`. */
  readonly replacement?: string | undefined;
  /** With `retry`: how many times a sentence is sampled again: 1 to 100, default 3. */
  readonly retries?: number | undefined;
}

/** One or more rules; the first one that does not allow or replace decides. */
export type Filter = FilterItem | readonly FilterItem[];
/** A list of rules by name, a rule, or a function, whose `retry` counts for 3 retries and not at temperature 0. */
export type FilterItem = 'english' | 'personal-data' | FilterRule | FilterFunction;

/** A sentence in which a filter found something. */
export interface Filtered {
  /** The rule that found something: `english`, `words`, a kind of personal data, `classifier` or `function`. */
  readonly rule: string;
  /** The action that was taken. */
  readonly action: FilterAction;
  /** The sentence as the model wrote it. */
  readonly sentence: string;
  /** The texts that were found in it; the whole sentence if they are unknown. */
  readonly found: readonly string[];
  /** Where the sentence begins in the completion's text, in UTF-16 units, or would have begun. */
  readonly start: number;
}
