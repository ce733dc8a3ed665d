import { LORA_TARGETS } from '../../architecture/gpt2/lora.js';
import { type NumberRule, notNegative, positive, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption, quotedList } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { QuantizedFormat } from '../../dtypes/weight_formats.js';
import type { Source, SourceOptions } from '../../files/source_options.js';
import type { AdapterChoice } from '../../model/adapters/adapter_choice.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { resolveExampleOptions } from '../data/example_options.js';
import { PREFERENCES, TRAINING } from '../option_aliases.js';
import { type Resolved, RUN_NAMES, type RunOptions } from '../run_options.js';
import { type JudgedAnswer, PAIR, type PreferenceData, type PreferencePair } from './preference_data.js';
import type { ReferenceProgress } from './reference.js';

/** A loss of preferences; see `PreferenceTrainerOptions.loss`. */
export type PreferenceLoss = 'dpo' | 'simpo' | 'kto';

export const PREFERENCE_LOSSES: readonly PreferenceLoss[] = ['dpo', 'simpo', 'kto'];

/** Options of `PreferenceTrainer.create`. */
export interface PreferenceTrainerOptions extends RunOptions, SourceOptions {
  /** The GPT-2 to start from, beside which it learns. */
  readonly model: Source;
  /** Adapters in PEFT's format that are merged into the model's weights before training, as for `loadModel`. */
  readonly adapters?: readonly AdapterChoice[];
  /** Encodes the texts. Default that of `model`. Without one, texts are token ids. */
  readonly tokenizer?: Tokenizer;
  /** Preferences to learn from. They are read once, when the run is created. */
  readonly data: PreferenceData;
  /** Preferences that are held out, or the share of `data` that is. Default 0.05, or 0 for an iterable. */
  readonly validation?: number | PreferenceData;
  /**
   * - `dpo` (Rafailov et al. 2023), the default: -ln sigmoid of the difference of rewards; the reward of an answer is
   *   beta x ln(p / p of the model that the run starts from).
   * - `simpo` (Meng et al. 2024), for answers of different lengths and half the work: the reward is beta x the mean of
   *   ln p of the answer's tokens, and the difference should reach gamma.
   * - `kto` (Ethayarajh et al. 2024): learns from single answers, judged as desirable or not; pairs are two of them.
   */
  readonly loss?: PreferenceLoss;
  /** Factor of rewards. Default 0.1; with `simpo`, 2. */
  readonly beta?: number;
  /** With `simpo`: the difference that rewards should reach. Default 0.5. */
  readonly gamma?: number;
  /** With `kto`: weight of the losses of desirable answers. Default 1. */
  readonly desirableWeight?: number;
  /** With `kto`: weight of the losses of undesirable answers. Default 1. */
  readonly undesirableWeight?: number;
  /** Preferences of a microbatch; a pair has two rows. Default 4. */
  readonly batchSize?: number;
  /** Highest learning rate. Default 5e-5 for a model, 1e-3 for an adapter. */
  readonly learningRate?: number;
  /** Number of passes over all preferences, if `steps` is not given. Default 1. */
  readonly epochs?: number;
  /**
   * Most tokens of a prompt with an answer. Longer prompts lose their beginning, and answers that do not fit alone their
   * end. Default 256, or the model's context if that is shorter.
   */
  readonly contextLength?: number;
  /** With `lora`: the format of the model's own matrices, which need less memory in it and stay as they are. */
  readonly quantize?: QuantizedFormat;
  /** Called while the log-probabilities of all answers under the model that the run starts from are computed. */
  readonly onProgress?: (progress: ReferenceProgress) => void;
}

/** Options with their defaults. */
export type ResolvedPreferenceOptions = Resolved<PreferenceTrainerOptions> &
  Required<
    Pick<
      PreferenceTrainerOptions,
      'validation' | 'loss' | 'beta' | 'gamma' | 'desirableWeight' | 'undesirableWeight' | 'learningRate'
    >
  >;

const OTHER_NAMES = [
  ...['model', 'adapters', 'tokenizer', 'data', 'validation', 'loss', 'beta', 'gamma', 'desirableWeight'],
  ...['undesirableWeight', 'epochs', 'contextLength', 'quantize', 'onProgress', 'revision', 'token', 'cache'],
];

const NUMBERS: Readonly<Record<string, NumberRule>> = {
  contextLength: whole(1),
  beta: positive,
  gamma: notNegative,
  desirableWeight: notNegative,
  undesirableWeight: notNegative,
};

/** The loss that an option applies to. */
const ONLY_FOR: Readonly<Record<string, PreferenceLoss>> = {
  gamma: 'simpo',
  desirableWeight: 'kto',
  undesirableWeight: 'kto',
};

/** Checks options and fills in defaults. Throws `invalid-option`. */
export function resolvePreferenceOptions(options: PreferenceTrainerOptions): ResolvedPreferenceOptions {
  const names = [...RUN_NAMES, ...OTHER_NAMES];
  checkOptionNames('PreferenceTrainer.create', options, names, [TRAINING, PREFERENCES]);
  const resolved = resolveExampleOptions<PreferencePair | JudgedAnswer, PreferenceTrainerOptions>(
    options,
    PAIR,
    NUMBERS,
    LORA_TARGETS,
  );
  const { model, loss = 'dpo', lora } = options;
  if (model === undefined) throw new Gpt2Error('invalid-option', 'give the model to start from');
  if (!PREFERENCE_LOSSES.includes(loss)) throw invalidOption('loss', loss, quotedList(PREFERENCE_LOSSES));
  for (const [name, own] of Object.entries(ONLY_FOR)) {
    if (own === loss || (options as unknown as Record<string, unknown>)[name] === undefined) continue;
    throw new Gpt2Error('invalid-option', `${name} applies to loss '${own}', not to '${loss}'`);
  }
  if (options.quantize !== undefined && lora === undefined) {
    throw new Gpt2Error(
      'invalid-option',
      'quantize needs lora: matrices are quantized that stay as they are',
    );
  }
  return {
    ...{ beta: loss === 'simpo' ? 2 : 0.1, gamma: loss === 'simpo' ? 0.5 : 0 },
    ...{ desirableWeight: 1, undesirableWeight: 1, learningRate: lora ? 1e-3 : 5e-5 },
    ...{ ...resolved, loss },
  };
}
