import { type Command, Option } from 'commander';
import { GENERATE_DEFAULTS, type GenerateOptions } from '../../generate/options.js';
import { flagOf } from './flag_name.js';
import { parseAllowedSpecial, parseBias, parseEscaped, parseIds, parseNumber } from './parse.js';
import { TRAINER_NAMES } from './train_flags.js';

type Name = Exclude<keyof GenerateOptions, 'signal'>;

type Parser = (text: string, previous: unknown) => unknown;

interface Flag {
  /** The heading in the help under which the flag stands. */
  readonly group: string;
  /** What the help calls its value; a flag without one is a switch. */
  readonly value?: string;
  readonly help: string;
  /** A value is a number unless `parse` or `choices` says otherwise. */
  readonly parse?: (text: string, previous: never) => unknown;
  readonly choices?: readonly string[];
}

const LENGTH = 'Length and end:';
const SAMPLING = 'Choice of each token:';
const CHANGES = 'Penalties, bias and bans:';
const RESULTS = 'Prompt and results:';

/** Every option of the library with the flag that sets it, in the order of the help. */
const FLAGS: Readonly<Record<Name, Flag>> = {
  maxTokens: {
    group: LENGTH,
    value: 'count',
    help: 'most tokens to generate',
  },
  stop: {
    group: LENGTH,
    value: 'text',
    parse: parseEscaped,
    help: 'end before this text; \\n, \\t and \\\\ are understood; may be given several times',
  },
  ignoreEos: { group: LENGTH, help: "go on after the model's end-of-text token" },
  contextFull: {
    group: LENGTH,
    value: 'action',
    choices: ['stop', 'error', 'shift'],
    help: 'where the context is full: end there, fail, or forget the middle and go on',
  },
  keep: {
    group: LENGTH,
    value: 'count',
    help: 'tokens at the start that "--context-full shift" never forgets',
  },
  temperature: {
    group: SAMPLING,
    value: 'number',
    help: '0 always takes the likeliest token, 1 follows the model, above is wilder',
  },
  topK: {
    group: SAMPLING,
    value: 'count',
    help: 'choose among this many of the likeliest tokens; 0: all',
  },
  topP: {
    group: SAMPLING,
    value: 'number',
    help: 'choose among the likeliest tokens that sum to this probability; 1: all',
  },
  minP: {
    group: SAMPLING,
    value: 'number',
    help: 'choose among tokens at least this times as likely as the likeliest; 0: all',
  },
  typicalP: {
    group: SAMPLING,
    value: 'number',
    help: 'choose among the most typical tokens that sum to this probability; 1: all',
  },
  seed: {
    group: SAMPLING,
    value: 'integer',
    help: 'the same seed gives the same text again (default: a new one each time)',
  },
  repetitionPenalty: {
    group: CHANGES,
    value: 'number',
    help: 'above 1 makes tokens of the prompt and the text less likely',
  },
  frequencyPenalty: {
    group: CHANGES,
    value: 'number',
    help: 'subtracted from the logit of a token each time it was generated',
  },
  presencePenalty: {
    group: CHANGES,
    value: 'number',
    help: 'subtracted once from the logit of each token that was generated',
  },
  noRepeatNgram: {
    group: CHANGES,
    value: 'count',
    help: 'never repeat this many tokens in a row; 0: off',
  },
  logitBias: {
    group: CHANGES,
    value: 'id=number',
    parse: parseBias,
    help: 'add to the logit of one token; may be given several times',
  },
  bannedTokens: {
    group: CHANGES,
    value: 'ids',
    parse: parseIds,
    help: 'never generate these token ids, as in 11,262; may be given several times',
  },
  allowedSpecial: {
    group: RESULTS,
    value: 'token',
    parse: parseAllowedSpecial,
    help: 'special tokens that the text may spell: "all", "none", or one by name, such as "<|endoftext|>"; may be given several times (default: none)',
  },
  heal: {
    group: RESULTS,
    help: 'write the last word of the prompt again, which may be cut off or end with a space',
  },
  n: {
    group: RESULTS,
    value: 'count',
    help: 'completions of the one prompt, each under a heading',
  },
  logprobs: {
    group: RESULTS,
    value: 'count',
    help: 'with --json: log-probability of each token and of this many of the likeliest',
  },
};

const NAMES = Object.keys(FLAGS) as Name[];

export function optionOf(name: Name): Option {
  const { group, value, help, parse, choices } = FLAGS[name];
  const standard =
    name in GENERATE_DEFAULTS ? GENERATE_DEFAULTS[name as keyof typeof GENERATE_DEFAULTS] : undefined;
  const option = new Option(
    value === undefined ? flagOf(name) : `${flagOf(name)} <${value}>`,
    standard === undefined ? help : `${help} (default: ${standard})`,
  );
  // Commander takes every --no-x for the negation of --x.
  option.negate = false;
  option.helpGroup(group);
  if (choices !== undefined) option.choices(choices);
  else if (value !== undefined) option.argParser<unknown>((parse ?? parseNumber) as Parser);
  return option;
}

export function addGenerateFlags(command: Command): void {
  for (const name of NAMES) command.addOption(optionOf(name));
}

/** The options that were given on the command line; the library has the defaults. */
export function generateOptions(command: Command): GenerateOptions {
  const values = command.opts<GenerateOptions>();
  return Object.fromEntries(NAMES.filter((name) => name in values).map((name) => [name, values[name]]));
}

/** Options of the library that are flags of the same name, of all commands. */
const ALL_NAMES: readonly string[] = [
  ...new Set([...NAMES, 'vocabSize', 'minFrequency', 'rank', 'alpha', 'targets', 'stride', ...TRAINER_NAMES]),
];

// A name in one word may be prose as well, except at the start of a message.
const UNMISTAKABLE = new RegExp(`\\b(${ALL_NAMES.filter((name) => /[A-Z]/.test(name)).join('|')})\\b`, 'g');
const AT_START = new RegExp(`^(${ALL_NAMES.filter((name) => !/[A-Z]/.test(name)).join('|')})\\b(?= is |\\[)`);

/** A message of the library with its options called by their flags. */
export function inFlagTerms(message: string): string {
  return message.replace(AT_START, flagOf).replace(UNMISTAKABLE, flagOf);
}
