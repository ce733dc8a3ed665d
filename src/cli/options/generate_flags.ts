import type { Command } from 'commander';
import { Gpt2Error } from '../../base/errors.js';
import { GENERATE_DEFAULTS, type GenerateOptions, RARE_DEFAULTS } from '../../generate/options.js';
import { addFlags, asText, type Flag } from './flag.js';
import { DRAFT_FLAG } from './model_flags.js';
import {
  parseAllowedSpecial,
  parseBias,
  parseEarlyStopping,
  parseEscaped,
  parseIds,
  parseSequenceBias,
} from './parse.js';
import { PROCESSOR_FLAGS } from './processor_flags.js';
import { SAMPLER_FLAGS } from './sampler_flags.js';

/**
 * The command line makes one generation at a time, so that it needs no priority, and it has neither vectors,
 * changes of the model, experts nor code of its user; `--draft`, which loads a model, is a flag of the command, and so are those of
 * the form and of watermarks.
 */
type Name = Exclude<
  keyof GenerateOptions,
  'signal' | 'priority' | 'inputs' | 'edit' | 'draft' | 'format' | 'experts' | 'processors' | 'watermark'
>;

const LENGTH = 'Length and end:';
const SAMPLING = 'Sampling:';
const SEARCH = 'Search, instead of sampling:';
const PENALTIES = 'Penalties, bias and bans:';
const RESULTS = 'Prompt and results:';

/** Every option of `generate` with its flag, in the order of the help. */
export const GENERATE_FLAGS: Readonly<Record<Name, Flag>> = {
  maxTokens: {
    group: LENGTH,
    value: 'count',
    help: 'maximum number of tokens to generate',
    range: '1 or more',
    standard: GENERATE_DEFAULTS.maxTokens,
  },
  minTokens: {
    group: LENGTH,
    value: 'count',
    help: 'generate no end-of-text token before COUNT others',
    range: '0 to --max-tokens',
    standard: RARE_DEFAULTS.minTokens,
  },
  stop: {
    group: LENGTH,
    value: 'text',
    parse: parseEscaped,
    help: 'end before this text; \\n, \\t and \\\\ are escapes',
    isRepeatable: true,
  },
  ignoreEos: { group: LENGTH, help: 'continue after the end-of-text token' },
  contextFull: {
    group: LENGTH,
    value: 'action',
    choices: ['stop', 'error', 'shift'],
    help: 'if the context is full: stop, fail with an error, or shift: drop older tokens and continue',
    standard: GENERATE_DEFAULTS.contextFull,
  },
  keep: {
    group: LENGTH,
    value: 'count',
    help: 'number of first tokens that "--context-full shift" never drops',
    range: '0 to context length - 2',
    standard: GENERATE_DEFAULTS.keep,
  },
  temperature: {
    group: SAMPLING,
    value: 'number',
    help: "0 always takes the likeliest token, 1 samples from the model's probabilities, above 1 is more random",
    range: '0 to 100',
    standard: GENERATE_DEFAULTS.temperature,
  },
  topK: {
    group: SAMPLING,
    value: 'count',
    help: 'sample from the COUNT likeliest tokens; 0: from all',
    range: '0 or more',
    standard: GENERATE_DEFAULTS.topK,
  },
  topP: {
    group: SAMPLING,
    value: 'number',
    help: 'sample from the likeliest tokens whose probabilities sum to NUMBER; 1: from all',
    range: '0 to 1',
    standard: GENERATE_DEFAULTS.topP,
  },
  minP: {
    group: SAMPLING,
    value: 'number',
    help: 'sample from tokens at least NUMBER times as likely as the likeliest; 0: from all',
    range: '0 to 1',
    standard: GENERATE_DEFAULTS.minP,
  },
  typicalP: {
    group: SAMPLING,
    value: 'number',
    help: 'sample from the most typical tokens whose probabilities sum to NUMBER; 1: from all',
    range: 'above 0, at most 1',
    standard: GENERATE_DEFAULTS.typicalP,
  },
  seed: {
    group: SAMPLING,
    value: 'integer',
    help: 'seed of the random numbers: the same seed gives the same text',
    range: '0 to 2^53 - 1',
    standard: 'a new one each time',
  },
  beams: {
    group: SEARCH,
    value: 'count',
    help: 'extend COUNT texts at a time and keep the best; 1: off',
    range: '1 to 128',
    standard: RARE_DEFAULTS.beams,
  },
  returned: {
    group: SEARCH,
    value: 'count',
    help: 'with --beams: number of best texts to print, each under a heading',
    range: '1 to --beams',
    standard: RARE_DEFAULTS.returned,
  },
  lengthPenalty: {
    group: SEARCH,
    value: 'number',
    help: 'with --beams: above 0 favours long texts, below 0 short ones',
    range: '-10 to 10',
    standard: RARE_DEFAULTS.lengthPenalty,
  },
  earlyStopping: {
    group: SEARCH,
    value: 'when',
    parse: parseEarlyStopping,
    help: 'with --beams: true: end at the first COUNT texts; false: if no better one is likely; never: if none is possible',
    standard: String(RARE_DEFAULTS.earlyStopping),
  },
  beamGroups: {
    group: SEARCH,
    value: 'count',
    help: 'with --beams: number of equal groups that avoid the tokens of each other; 1: off',
    range: 'a divisor of --beams',
    standard: RARE_DEFAULTS.beamGroups,
  },
  diversityPenalty: {
    group: SEARCH,
    value: 'number',
    help: 'with --beam-groups: how strongly they avoid them',
    range: '0 to 100',
    standard: RARE_DEFAULTS.diversityPenalty,
  },
  penaltyAlpha: {
    group: SEARCH,
    value: 'number',
    help: 'contrastive search among --top-k tokens: weight of the similarity to what is there; 0: off',
    range: '0 to 1',
    standard: RARE_DEFAULTS.penaltyAlpha,
  },
  repetitionPenalty: {
    group: PENALTIES,
    value: 'number',
    help: 'above 1 makes tokens of the prompt and the text less likely, below 1 likelier',
    range: '0.01 to 100',
    standard: GENERATE_DEFAULTS.repetitionPenalty,
  },
  frequencyPenalty: {
    group: PENALTIES,
    value: 'number',
    help: "subtract NUMBER from a token's logit for each time it was generated",
    range: '-2 to 2',
    standard: GENERATE_DEFAULTS.frequencyPenalty,
  },
  presencePenalty: {
    group: PENALTIES,
    value: 'number',
    help: 'subtract NUMBER once from the logit of every generated token',
    range: '-2 to 2',
    standard: GENERATE_DEFAULTS.presencePenalty,
  },
  noRepeatNgram: {
    group: PENALTIES,
    value: 'count',
    help: 'never generate a sequence of COUNT tokens twice; 0: off',
    range: '0 or more',
    standard: GENERATE_DEFAULTS.noRepeatNgram,
  },
  logitBias: {
    group: PENALTIES,
    value: 'id=number',
    parse: parseBias,
    help: 'add NUMBER to the logit of the token ID',
    range: '-100 to 100',
    isRepeatable: true,
  },
  sequenceBias: {
    group: PENALTIES,
    value: 'ids=number',
    parse: parseSequenceBias,
    help: 'add NUMBER to the logit of the last of these token ids where the others precede it; -Infinity bans it',
    range: '-100 to 100',
    isRepeatable: true,
  },
  bannedTokens: {
    group: PENALTIES,
    value: 'ids',
    parse: parseIds,
    help: 'never generate these token ids, such as 11,262',
    isRepeatable: true,
  },
  filter: {
    group: PENALTIES,
    value: 'rule',
    choices: ['english', 'personal-data'],
    help: 'replace English profanities, or addresses and numbers of people, by ***, sentence by sentence',
    standard: 'no filter',
  },
  bannedTexts: {
    group: PENALTIES,
    value: 'text',
    parse: parseEscaped,
    help: 'never generate this text, in whatever tokens; \\n, \\t and \\\\ are escapes',
    isRepeatable: true,
  },
  allowedSpecial: {
    group: RESULTS,
    value: 'token',
    parse: parseAllowedSpecial,
    help: 'special tokens that the text may spell: all, none, or a name such as "<|endoftext|>"',
    isRepeatable: true,
    standard: 'none',
  },
  heal: {
    group: RESULTS,
    help: 'generate the last word of the prompt again, which may be cut off or end with a space',
  },
  guidance: {
    group: RESULTS,
    value: 'number',
    help: 'above 1 keeps the text closer to the prompt, away from the negative one; 1: off',
    range: '0 to 100',
    standard: RARE_DEFAULTS.guidance,
  },
  negativePrompt: {
    group: RESULTS,
    value: 'text',
    parse: asText,
    help: 'with --guidance: text to lead away from',
    standard: 'the last token of the prompt',
  },
  n: {
    group: RESULTS,
    value: 'count',
    help: 'number of completions of the prompt, each under a heading',
    range: '1 to 128',
    standard: GENERATE_DEFAULTS.n,
  },
  speculate: {
    group: RESULTS,
    value: 'source',
    choices: ['prompt'],
    help: 'prompt: guess what follows from repetitions, which is faster for texts that copy; same text',
    standard: 'no guesses',
  },
  logprobs: {
    group: RESULTS,
    value: 'count',
    help: 'with --json: print log-probabilities of each token and of the COUNT likeliest ones',
    range: '0 to 20',
  },
  ...SAMPLER_FLAGS,
  ...PROCESSOR_FLAGS,
};

/** Self-debiasing, which the option `guidance` does too. */
const DEBIAS_FLAGS = {
  debias: {
    group: RESULTS,
    value: 'text',
    parse: parseEscaped,
    help: 'make tokens less likely that TEXT before the prompt makes likelier, such as "The following text is rude:\\n"',
    isRepeatable: true,
  },
  debiasDecay: {
    group: RESULTS,
    value: 'number',
    help: 'with --debias: how much less likely',
    range: '0 to 1000',
    standard: 50,
  },
} as const satisfies Record<string, Flag>;

/** What counts as one of `--banned-texts`. */
const BAN_FLAGS = {
  banIgnoreCase: { group: PENALTIES, help: 'with --banned-texts: in upper and lower case' },
  banIgnoreAccents: { group: PENALTIES, help: 'with --banned-texts: with and without accents' },
  banWholeWords: { group: PENALTIES, help: 'with --banned-texts: only if it is no part of a longer word' },
} as const satisfies Record<string, Flag>;

const NAMES = Object.keys(GENERATE_FLAGS) as Name[];

/** Flags that shape an answer in a dialogue: there is one answer, its prompt is the dialogue, and text comes as it is drawn. */
const NOT_IN_DIALOGUES: ReadonlySet<string> = new Set<Name>([
  ...(['contextFull', 'keep', 'beams', 'returned', 'lengthPenalty', 'earlyStopping', 'beamGroups'] as const),
  ...(['diversityPenalty', 'penaltyAlpha', 'renormalize', 'allowedSpecial', 'heal', 'n'] as const),
  ...(['logprobs', 'forcedBos'] as const),
]);

export function addGenerateFlags(command: Command): void {
  addFlags(command, {
    ...GENERATE_FLAGS,
    ...DEBIAS_FLAGS,
    ...BAN_FLAGS,
    draft: { group: RESULTS, ...DRAFT_FLAG },
  });
}

/** Adds the flags of `addGenerateFlags` that answers in a dialogue can have. */
export function addAnswerFlags(command: Command): void {
  const flags = Object.entries<Flag>({ ...GENERATE_FLAGS, ...DEBIAS_FLAGS, ...BAN_FLAGS });
  addFlags(command, Object.fromEntries(flags.filter(([name]) => !NOT_IN_DIALOGUES.has(name))));
}

/** The options given on the command line, without defaults, which the library has. */
export function generateOptions(command: Command): GenerateOptions {
  const values = command.opts<
    GenerateOptions & Partial<Record<keyof typeof BAN_FLAGS, true>> & DebiasValues
  >();
  const given = Object.fromEntries(
    NAMES.filter((name) => name in values).map((name) => [name, values[name]]),
  );
  const options = { ...given, ...debiasing(values) };
  const { banIgnoreCase, banIgnoreAccents, banWholeWords } = values;
  if (!(banIgnoreCase || banIgnoreAccents || banWholeWords)) return options;
  const bannedTexts = {
    texts: values.bannedTexts,
    ignoreCase: banIgnoreCase,
    ignoreAccents: banIgnoreAccents,
    wholeWords: banWholeWords,
  };
  return { ...options, bannedTexts } as GenerateOptions;
}

interface DebiasValues {
  readonly debias?: readonly string[];
  readonly debiasDecay?: number;
}

/** The option `guidance` of `--debias`. Throws `invalid-option`. */
function debiasing({
  guidance,
  debias,
  debiasDecay: decay,
}: GenerateOptions & DebiasValues): GenerateOptions {
  if (debias === undefined) {
    if (decay === undefined) return {};
    throw new Gpt2Error('invalid-option', '--debias-decay needs --debias');
  }
  if (guidance !== undefined) {
    throw new Gpt2Error(
      'invalid-option',
      '--guidance and --debias are two kinds of guidance; leave one of them out',
    );
  }
  return { guidance: { debias, ...(decay !== undefined && { decay }) } };
}
