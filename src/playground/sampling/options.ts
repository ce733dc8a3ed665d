import type { GENERATE_DEFAULTS } from '../../generate/options.js';

/** A numeric option of a generation, with its limits in the page and its explanation. */
export interface SamplingOption {
  readonly name: Exclude<keyof typeof GENERATE_DEFAULTS, 'contextFull'>;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly meaning: string;
  /** Whether the option is listed under "More". */
  readonly more?: true;
}

/** The options in the order of the page. */
export const SAMPLING_OPTIONS: readonly SamplingOption[] = [
  {
    ...{ name: 'maxTokens', label: 'Length', min: 1, max: 1000, step: 1 },
    meaning: 'Maximum number of tokens of one generation.',
  },
  {
    ...{ name: 'temperature', label: 'Temperature', min: 0, max: 2, step: 0.05 },
    meaning:
      "0 always takes the likeliest token, 1 samples from the model's probabilities, above 1 is more random.",
  },
  {
    ...{ name: 'topP', label: 'Top p', min: 0, max: 1, step: 0.01 },
    meaning: 'Sample from the likeliest tokens whose probabilities sum to this. 1: all.',
  },
  {
    ...{ name: 'topK', label: 'Top k', min: 0, max: 200, step: 1 },
    meaning: 'Sample from this many of the likeliest tokens. 0: all.',
  },
  {
    ...{ name: 'minP', label: 'Min p', min: 0, max: 1, step: 0.01 },
    meaning: 'Sample from tokens at least this times as likely as the likeliest. 0: all.',
  },
  {
    ...{ name: 'repetitionPenalty', label: 'Repetition penalty', min: 1, max: 2, step: 0.01 },
    meaning: 'Above 1, tokens that the text already has become less likely.',
  },
  {
    ...{ name: 'typicalP', label: 'Typical p', min: 0.01, max: 1, step: 0.01, more: true },
    meaning: 'Sample from the most typical tokens whose probabilities sum to this. 1: all.',
  },
  {
    ...{ name: 'frequencyPenalty', label: 'Frequency penalty', min: -2, max: 2, step: 0.05, more: true },
    meaning: "Subtracted from a token's logit for each time it was generated.",
  },
  {
    ...{ name: 'presencePenalty', label: 'Presence penalty', min: -2, max: 2, step: 0.05, more: true },
    meaning: 'Subtracted once from the logit of every generated token.',
  },
  {
    ...{ name: 'noRepeatNgram', label: 'No repeats of', min: 0, max: 20, step: 1, more: true },
    meaning: 'Never generate a sequence of this many tokens twice. 0: off.',
  },
];
