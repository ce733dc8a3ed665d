import { checkModelConfig } from '../architecture/gpt2/check_config.js';
import type { ModelConfig } from '../architecture/gpt2/config.js';
import { type LoraShape, loraTargets } from '../architecture/gpt2/lora.js';
import { checkArray } from '../base/check_lists.js';
import {
  BITS_32,
  checkNumber,
  type NumberRule,
  notNegative,
  positive,
  share,
  whole,
} from '../base/check_number.js';
import { checkOptionNames, invalidOption } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { LARGEST_F32 } from '../base/finite.js';
import { type Build, checkBuild } from '../core/binary.js';
import { checkThreads } from '../core/threads/plan.js';
import type { Source, SourceOptions } from '../files/source_options.js';
import type { TrainingStateStore } from '../files/training_state_store.js';
import type { AdapterChoice } from '../model/adapters/adapter_choice.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { checkLayout, type RowLayout } from './data/rows.js';
import { LORA, TRAINING } from './option_aliases.js';
import { DECAYS, type Decay } from './schedule.js';
import { checkStore } from './state/training_state.js';
import { checkData, type TrainingData } from './training_data.js';

/** The LoRA adapter to train (Hu et al. 2021). */
export interface LoraOptions {
  /** r: rank of the product A B that is added to each matrix. Default 8. */
  readonly rank?: number;
  /** A B is multiplied by alpha / rank. Default twice the rank. */
  readonly alpha?: number;
  /**
   * Matrices that get an adapter: `attn.c_attn`, `attn.c_proj`, `mlp.c_fc`, `mlp.c_proj`, or the ends of
   * these names. Default `c_attn`, as in PEFT.
   */
  readonly targets?: readonly string[];
}

/** Options of `Trainer.create`. */
export interface TrainerOptions extends SourceOptions {
  /** The model to start from; without one, `config` describes a model to train from scratch. */
  readonly model?: Source;
  /**
   * LoRA adapters in PEFT's format that are merged into the model's weights before training, as for
   * `loadModel`.
   */
  readonly adapters?: readonly AdapterChoice[];
  /** Configuration of a model to train from scratch. */
  readonly config?: ModelConfig;
  /** Required with `config`, and for a model without tokenizer files. */
  readonly tokenizer?: Tokenizer;
  /** Documents to learn from. */
  readonly data: TrainingData;
  /** Number of passes over all rows, if `steps` is not given. Default 1. */
  readonly epochs?: number;
  /** Steps of the optimizer in the whole run. */
  readonly steps?: number;
  /** B: rows of a microbatch. Default 4. */
  readonly batchSize?: number;
  /** Microbatches of a step, whose gradients are accumulated. Default 1. */
  readonly accumulation?: number;
  /** T: tokens in a row. Default 256, or the model's context if that is shorter. */
  readonly contextLength?: number;
  /**
   * `packed`, the default, fills each row with successive documents; `documents` starts a new row for each.
   */
  readonly layout?: RowLayout;
  /** Highest learning rate. Default 1e-4 for a model, 1e-3 for an adapter, 6e-4 from scratch. */
  readonly learningRate?: number;
  /** How the learning rate falls after the warm-up. Default 'cosine'. */
  readonly schedule?: Decay;
  /** Number of first steps in which the learning rate rises linearly. Default a twentieth of all. */
  readonly warmup?: number;
  /** Learning rate of the last step. Default a tenth of `learningRate`. */
  readonly finalLearningRate?: number;
  /** Decoupled weight decay of matrices and embeddings. Default 0.1. */
  readonly weightDecay?: number;
  /** Decay of AdamW's first moment. Default 0.9. */
  readonly beta1?: number;
  /** Decay of AdamW's second moment. Default 0.95. */
  readonly beta2?: number;
  /** Added to the root of the second moment. Default 1e-8. */
  readonly epsilon?: number;
  /** Gradients with a larger Euclidean norm are scaled down to it; Infinity disables that. Default 1. */
  readonly maxGradientNorm?: number;
  /**
   * Dropout rate (Srivastava et al. 2014) after the embedding, of attention's weights and before each
   * residual sum. Default 0.
   */
  readonly dropout?: number;
  /**
   * Seed of the order of data, dropout, the choice of held-out documents and initial weights: 32 bits.
   * Default 0.
   */
  readonly seed?: number;
  /** Share of the documents that is held out for validation. Default 0.05; 0 for none. */
  readonly validation?: number;
  /**
   * Steps between two evaluations of the held-out documents; the last step always has one. Default a tenth of
   * all.
   */
  readonly evaluateEvery?: number;
  /**
   * Early stopping: ends the run after this many evaluations in a row without a lower validation loss, and
   * saves the weights with the lowest one.
   */
  readonly patience?: number;
  /** Place of training states: the path of a folder, or a store of your own. Without it, none are saved. */
  readonly checkpoints?: string | TrainingStateStore;
  /** Steps between two saved training states. Default 100. */
  readonly checkpointEvery?: number;
  /**
   * Resume from the newest training state, if there is one. Default false: then `checkpoints` must have none.
   */
  readonly resume?: boolean;
  /**
   * Recompute activations in the backward pass instead of keeping them: less memory, about a quarter more
   * time.
   */
  readonly recompute?: boolean;
  /**
   * Train a LoRA adapter and leave the model's weights unchanged: gradients, moments and saved files are
   * those of the adapter alone.
   */
  readonly lora?: LoraOptions;
  /** As for `loadModel`. */
  readonly build?: 'auto' | Build;
  /** Number of threads, which changes no result. Default 'auto'. */
  readonly threads?: 'auto' | number;
  /** Ends reading with `aborted`, and a run after its current step. */
  readonly signal?: AbortSignal;
}

/** Defaults that do not depend on model and data. */
const DEFAULTS = {
  batchSize: 4,
  accumulation: 1,
  layout: 'packed' as RowLayout,
  schedule: 'cosine' as Decay,
  weightDecay: 0.1,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  maxGradientNorm: 1,
  dropout: 0,
  seed: 0,
  validation: 0.05,
  checkpointEvery: 100,
  resume: false,
  recompute: false,
  build: 'auto' as 'auto' | Build,
  threads: 'auto' as 'auto' | number,
};

const OTHER_NAMES = [
  ...[
    'model',
    'adapters',
    'revision',
    'token',
    'cache',
    'config',
    'tokenizer',
    'data',
    'epochs',
    'steps',
    'contextLength',
  ],
  ...[
    'learningRate',
    'warmup',
    'finalLearningRate',
    'evaluateEvery',
    'patience',
    'checkpoints',
    'lora',
    'signal',
  ],
];

export type ResolvedOptions = Omit<TrainerOptions, 'lora'> &
  Required<Pick<TrainerOptions, keyof typeof DEFAULTS>> & { readonly lora?: LoraShape };

/** Smallest normal f32: with an epsilon of 0, gradients of 0 would make weights NaN. */
const LEAST_EPSILON = 2 ** -126;

const NUMBERS: Readonly<Record<string, NumberRule>> = {
  epochs: positive,
  steps: whole(1),
  batchSize: whole(1),
  accumulation: whole(1, 4096),
  contextLength: whole(1),
  learningRate: positive,
  warmup: whole(0),
  finalLearningRate: notNegative,
  weightDecay: notNegative,
  beta1: share,
  beta2: share,
  epsilon: [
    (value) => value >= LEAST_EPSILON && value <= LARGEST_F32,
    `a number from ${LEAST_EPSILON} that 32 bits can hold`,
  ],
  maxGradientNorm: [(value) => value > 0, 'a number above 0'],
  dropout: share,
  seed: BITS_32,
  validation: share,
  evaluateEvery: whole(1),
  patience: whole(1),
  checkpointEvery: whole(1),
};

/** Checks options and fills in defaults. Throws `invalid-option`. */
export function resolveTrainerOptions(options: TrainerOptions): ResolvedOptions {
  checkOptionNames('Trainer.create', options, [...Object.keys(DEFAULTS), ...OTHER_NAMES], [TRAINING]);
  for (const [name, rule] of Object.entries(NUMBERS)) {
    const value = (options as unknown as Record<string, unknown>)[name];
    if (value !== undefined) checkNumber(name, value, rule);
  }
  const { model, adapters, config, layout, schedule, patience, validation, lora } = options;
  checkBuild(options.build);
  checkThreads(options.threads);
  checkData(options.data);
  if (options.checkpoints !== undefined) checkStore(options.checkpoints);
  const { tokenizer } = options;
  if (tokenizer !== undefined && typeof tokenizer?.files !== 'function') {
    throw invalidOption(
      'tokenizer',
      tokenizer,
      'what loadTokenizer or trainTokenizer gives, since its files are written with the model',
    );
  }
  if ((model === undefined) === (config === undefined)) {
    throw new Gpt2Error(
      'invalid-option',
      'give either model, to go on from, or config, to train from scratch',
    );
  }
  if (config !== undefined) checkModelConfig(config);
  if (layout !== undefined) checkLayout(layout);
  if (schedule !== undefined && !DECAYS.includes(schedule)) {
    throw invalidOption('schedule', schedule, DECAYS.map((name) => `'${name}'`).join(', '));
  }
  if (patience !== undefined && validation === 0) {
    throw new Gpt2Error(
      'invalid-option',
      'patience needs a validation share above 0, whose losses it waits for',
    );
  }
  if (model === undefined && (lora ?? adapters) !== undefined) {
    throw new Gpt2Error('invalid-option', 'an adapter needs a model, which it changes');
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return {
    ...DEFAULTS,
    ...(Object.fromEntries(given) as unknown as Omit<TrainerOptions, 'lora'>),
    ...(lora && { lora: resolveLora(lora) }),
  };
}

function resolveLora(lora: LoraOptions): LoraShape {
  checkOptionNames('lora', lora, ['rank', 'alpha', 'targets'], [LORA]);
  const { rank = 8, targets = ['c_attn'] } = lora;
  const { alpha = 2 * rank } = lora;
  checkNumber('rank', rank, whole(1));
  checkNumber('alpha', alpha, positive);
  checkArray('targets', targets, 'an array of names', (name) => typeof name === 'string');
  return { rank, alpha, targets: loraTargets(targets) };
}
