import { LORA_TARGETS } from '../../architecture/gpt2/lora.js';
import { type NumberRule, whole } from '../../base/check_number.js';
import { checkOptionNames } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Source, SourceOptions } from '../../files/source_options.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { resolveExampleOptions } from '../data/example_options.js';
import type { ExampleData } from '../data/examples.js';
import { TRAINING } from '../option_aliases.js';
import { PAIR, type PreferencePair } from '../preferences/preference_data.js';
import { type Resolved, RUN_NAMES, type RunOptions } from '../run_options.js';

/** Options of `RewardTrainer.create`. */
export interface RewardTrainerOptions extends RunOptions, SourceOptions {
  /** The GPT-2 to start from. A head for sequence classification of its own is not read. */
  readonly model: Source;
  /** Encodes the texts. Default that of `model`. Without one, texts are token ids. */
  readonly tokenizer?: Tokenizer;
  /**
   * Prompts with a better and a worse answer, which are read once, when the run is created. A prompt and an answer that
   * are texts are one text, as for `model.reward`; no token follows it.
   */
  readonly data: ExampleData<PreferencePair>;
  /** Pairs that are held out, or the share of `data` that is. Default 0.05, or 0 for an iterable. */
  readonly validation?: number | ExampleData<PreferencePair>;
  /** Pairs of a microbatch; each has two rows. Default 4. */
  readonly batchSize?: number;
  /** Number of passes over all pairs, if `steps` is not given. Default 1. */
  readonly epochs?: number;
  /**
   * Most tokens of a prompt with an answer; longer ones lose their beginning. Default 256, or the model's context if
   * that is shorter.
   */
  readonly contextLength?: number;
}

/** Options with their defaults. */
export type ResolvedRewardOptions = Resolved<RewardTrainerOptions> &
  Required<Pick<RewardTrainerOptions, 'validation'>>;

const OTHER_NAMES = [
  ...['model', 'tokenizer', 'data', 'validation', 'epochs', 'contextLength', 'revision', 'token', 'cache'],
];
const NUMBERS: Readonly<Record<string, NumberRule>> = { contextLength: whole(1) };

/** Checks options and fills in defaults. Throws `invalid-option`. */
export function resolveRewardOptions(options: RewardTrainerOptions): ResolvedRewardOptions {
  checkOptionNames('RewardTrainer.create', options, [...RUN_NAMES, ...OTHER_NAMES], [TRAINING]);
  const resolved = resolveExampleOptions<PreferencePair, RewardTrainerOptions>(
    ...([options, PAIR, NUMBERS, LORA_TARGETS] as const),
  );
  if (options.model === undefined) throw new Gpt2Error('invalid-option', 'give the model to start from');
  return resolved;
}
