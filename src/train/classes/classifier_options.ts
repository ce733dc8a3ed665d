import { LORA_TARGETS } from '../../architecture/gpt2/lora.js';
import { type NumberRule, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Source, SourceOptions } from '../../files/source_options.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { resolveExampleOptions } from '../data/example_options.js';
import type { ExampleData } from '../data/examples.js';
import { TRAINING } from '../option_aliases.js';
import { type Resolved, RUN_NAMES, type RunOptions } from '../run_options.js';

/** A text with its class. */
export interface LabelledText {
  /** The text; or its token ids, in place of it. */
  readonly text?: string | undefined;
  /** Token ids of the text, at least one. */
  readonly ids?: ArrayLike<number> | undefined;
  /** The name of its class. */
  readonly label: string;
}

/** Options of `ClassifierTrainer.create`. */
export interface ClassifierTrainerOptions extends RunOptions, SourceOptions {
  /** The GPT-2 to start from. A head for sequence classification of its own is not read. */
  readonly model: Source;
  /** Encodes the texts. Default that of `model`. */
  readonly tokenizer?: Tokenizer;
  /** Texts with their classes. */
  readonly data: ExampleData<LabelledText>;
  /** The names of all classes, at least two, in the order of the head's rows. Default: those of `data`, an array, sorted. */
  readonly labels?: readonly string[];
  /** Examples that are held out, or the share of `data` that is. Default 0.05 for an array or a dataset. */
  readonly validation?: number | ExampleData<LabelledText>;
  /** Number of passes over all examples, if `steps` is not given. Default 1. */
  readonly epochs?: number;
  /** Most tokens of a text: longer ones are refused. Default 256, or the model's context if that is shorter. */
  readonly contextLength?: number;
}

/** Options with their defaults. */
export type ResolvedClassifierOptions = Resolved<ClassifierTrainerOptions> &
  Required<Pick<ClassifierTrainerOptions, 'validation' | 'labels'>>;

const OTHER_NAMES = [
  ...['model', 'tokenizer', 'data', 'labels', 'validation', 'epochs', 'contextLength'],
  ...['revision', 'token', 'cache'],
];
const NUMBERS: Readonly<Record<string, NumberRule>> = { contextLength: whole(1) };

/** Checks options and fills in defaults. Throws `invalid-option`. */
export function resolveClassifierOptions(options: ClassifierTrainerOptions): ResolvedClassifierOptions {
  checkOptionNames('ClassifierTrainer.create', options, [...RUN_NAMES, ...OTHER_NAMES], [TRAINING]);
  const resolved = resolveExampleOptions<LabelledText, ClassifierTrainerOptions>(
    options,
    '{ text, label }',
    NUMBERS,
    LORA_TARGETS,
  );
  if (options.model === undefined) throw new Gpt2Error('invalid-option', 'give the model to start from');
  return { ...resolved, labels: labelsOf(options) };
}

function labelsOf({ labels, data }: ClassifierTrainerOptions): readonly string[] {
  const given = labels ?? collected(data);
  const isList = Array.isArray(given) && given.every((label) => typeof label === 'string');
  if (isList && given.length > 1 && new Set(given).size === given.length) return [...given];
  throw invalidOption('labels', given, 'an array of two or more different names');
}

/** The labels of an array, sorted by their code units. Throws `invalid-option` for other data. */
function collected(data: ExampleData<LabelledText>): string[] {
  if (Array.isArray(data)) return [...new Set(data.map((example: LabelledText) => example?.label))].sort();
  throw new Gpt2Error('invalid-option', 'give labels: only those of an array are collected');
}
