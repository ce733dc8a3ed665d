import { type LoraShape, type LoraTarget, loraTargets } from '../architecture/gpt2/lora.js';
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
import { LARGEST_F32 } from '../base/finite.js';
import { type Build, checkBuild } from '../core/binary.js';
import { checkThreads } from '../core/threads/plan.js';
import { checkOptimizer, type Optimizer } from '../core/training/shape.js';
import type { TrainingStateStore } from '../files/training_state_store.js';
import { LORA } from './option_aliases.js';
import { DECAYS, type Decay } from './schedule.js';
import { checkStore } from './state/training_state.js';

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

/** Options that all trainers have: steps, optimizer, saved states, and how it is computed. */
export interface RunOptions {
  /** Steps of the optimizer in the whole run. */
  readonly steps?: number;
  /** B: rows of a microbatch. Default 4. */
  readonly batchSize?: number;
  /** Microbatches of a step, whose gradients are accumulated. Default 1. */
  readonly accumulation?: number;
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
  /**
   * `adamw`, the default; or `muon` (Jordan et al. 2024), which replaces the update of each matrix inside the layers by
   * the nearest orthogonal matrix, scaled to the size of AdamW's updates (Liu et al. 2025): the same learning rate and
   * weight decay serve both. AdamW updates all other weights. Not for adapters.
   */
  readonly optimizer?: Optimizer;
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
  /** Seed of the order of data, dropout and initial weights, 32 bits. Default 0. */
  readonly seed?: number;
  /**
   * Steps between two evaluations of the held-out data; the last step always has one. Default a tenth of all.
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
export const RUN_DEFAULTS = {
  batchSize: 4,
  accumulation: 1,
  schedule: 'cosine' as Decay,
  optimizer: 'adamw' as Optimizer,
  weightDecay: 0.1,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  maxGradientNorm: 1,
  dropout: 0,
  seed: 0,
  checkpointEvery: 100,
  resume: false,
  recompute: false,
  build: 'auto' as 'auto' | Build,
  threads: 'auto' as 'auto' | number,
};

/** Names of the options of a run. */
export const RUN_NAMES: readonly string[] = [
  ...Object.keys(RUN_DEFAULTS),
  ...['steps', 'learningRate', 'warmup', 'finalLearningRate', 'evaluateEvery', 'patience', 'checkpoints'],
  ...['lora', 'signal'],
];

/** Options with their defaults, and an adapter's shape. */
export type Resolved<Options extends RunOptions> = Omit<Options, 'lora'> &
  Required<Pick<RunOptions, keyof typeof RUN_DEFAULTS>> & { readonly lora?: LoraShape };

/** Options of the loop over a run's steps. */
export type LoopOptions = Resolved<RunOptions>;

/** Smallest normal f32: with an epsilon of 0, gradients of 0 would make weights NaN. */
const LEAST_EPSILON = 2 ** -126;

const NUMBERS: Readonly<Record<string, NumberRule>> = {
  steps: whole(1),
  batchSize: whole(1),
  accumulation: whole(1, 4096),
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
  evaluateEvery: whole(1),
  patience: whole(1),
  checkpointEvery: whole(1),
};

/**
 * Checks the options that all trainers have, and numbers by `rules`; fills in defaults. An adapter may change those of
 * `targets` matrices. Throws `invalid-option`.
 */
export function resolveRunOptions<Options extends RunOptions>(
  options: Options,
  rules: Readonly<Record<string, NumberRule>>,
  targets?: readonly LoraTarget[],
): Resolved<Options> {
  for (const [name, rule] of Object.entries({ ...NUMBERS, ...rules })) {
    const value = (options as Record<string, unknown>)[name];
    if (value !== undefined) checkNumber(name, value, rule);
  }
  const { schedule, lora, checkpoints } = options;
  checkBuild(options.build);
  checkThreads(options.threads);
  checkOptimizer(options.optimizer);
  if (checkpoints !== undefined) checkStore(checkpoints);
  if (schedule !== undefined && !DECAYS.includes(schedule)) {
    throw invalidOption('schedule', schedule, DECAYS.map((name) => `'${name}'`).join(', '));
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return {
    ...RUN_DEFAULTS,
    ...(Object.fromEntries(given) as unknown as Omit<Options, 'lora'>),
    ...(lora && { lora: resolveLora(lora, targets) }),
  };
}

function resolveLora(lora: LoraOptions, all: readonly LoraTarget[] | undefined): LoraShape {
  checkOptionNames('lora', lora, ['rank', 'alpha', 'targets'], [LORA]);
  const { rank = 8, targets = ['c_attn'] } = lora;
  const { alpha = 2 * rank } = lora;
  checkNumber('rank', rank, whole(1));
  checkNumber('alpha', alpha, positive);
  checkArray('targets', targets, 'an array of names', (name) => typeof name === 'string');
  return { rank, alpha, targets: loraTargets(targets, all) };
}
