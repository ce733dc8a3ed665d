import { checkModelConfig } from '../architecture/gpt2/check_config.js';
import type { ModelConfig } from '../architecture/gpt2/config.js';
import { type LoraShape, loraTargets } from '../architecture/gpt2/lora.js';
import {
  BITS_32,
  checkNumber,
  type NumberRule,
  notNegative,
  positive,
  share,
  whole,
} from '../base/check_number.js';
import { checkArray, checkOptionNames, invalidOption } from '../base/check_options.js';
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

/** The adapter to train. */
export interface LoraOptions {
  /** r: rank of the change of each matrix. Default 8. */
  readonly rank?: number;
  /** The change is multiplied by alpha / rank. Default twice the rank. */
  readonly alpha?: number;
  /**
   * Matrices that are changed: `attn.c_attn`, `attn.c_proj`, `mlp.c_fc`, `mlp.c_proj`, or the ends of their names, as
   * PEFT takes them. Default `c_attn`, as in PEFT.
   */
  readonly targets?: readonly string[];
}

/** What `Trainer.create` takes. */
export interface TrainerOptions extends SourceOptions {
  /** The model to start from; without one, `config` describes a model to train from scratch. */
  readonly model?: Source;
  /** LoRA adapters in PEFT's format that are added to the model's weights before it learns, as for `loadModel`. */
  readonly adapters?: readonly AdapterChoice[];
  /** Configuration of a model to train from scratch. */
  readonly config?: ModelConfig;
  /** Needed with `config`, and for a model that comes without one. */
  readonly tokenizer?: Tokenizer;
  /** Documents to learn from. */
  readonly data: TrainingData;
  /** Number of passes over all rows, if `steps` is not given. Default 1. */
  readonly epochs?: number;
  /** Steps of the optimizer in the whole run. */
  readonly steps?: number;
  /** B: rows in one pass. Default 4. */
  readonly batchSize?: number;
  /** Passes whose gradients make one step. Default 1. */
  readonly accumulation?: number;
  /** T: tokens in a row. Default 256, or the model's context if that is shorter. */
  readonly contextLength?: number;
  /** `packed`, the default, fills rows with documents one after the other; `documents` begins a row with each. */
  readonly layout?: RowLayout;
  /** Highest learning rate. Default 1e-4 for a model, 1e-3 for an adapter, 6e-4 from scratch. */
  readonly learningRate?: number;
  /** How the learning rate falls after the warm-up. Default 'cosine'. */
  readonly schedule?: Decay;
  /** Steps in which the learning rate rises. Default a twentieth of all. */
  readonly warmup?: number;
  /** Learning rate of the last step. Default a tenth of `learningRate`. */
  readonly finalLearningRate?: number;
  /** Decoupled decay of matrices and embeddings. Default 0.1. */
  readonly weightDecay?: number;
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.95. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Gradients with a larger norm are scaled down to it. Default 1; Infinity leaves them alone. */
  readonly maxGradientNorm?: number;
  /** Share of elements that dropout drops after the embedding, in attention and before each residual sum. Default 0. */
  readonly dropout?: number;
  /** Decides the order of data, dropout, the split for validation and first weights: 32 bits. Default 0. */
  readonly seed?: number;
  /** Share of documents that is held out. Default 0.05; 0 for none. */
  readonly validation?: number;
  /** Steps between two losses of the held-out documents, which the last step has too. Default a tenth of all. */
  readonly evaluateEvery?: number;
  /** Ends the run when so many validation losses in a row are no better than the best, whose weights are then kept. */
  readonly patience?: number;
  /** Where checkpoints go: the path of a folder, or a store of your own. Without it, none are written. */
  readonly checkpoints?: string | TrainingStateStore;
  /** Steps between two checkpoints. Default 100. */
  readonly checkpointEvery?: number;
  /** Go on from the newest checkpoint, if there is one. Default false: then `checkpoints` must have none. */
  readonly resume?: boolean;
  /** Compute activations again instead of keeping them: less memory, about a quarter more time. */
  readonly recompute?: boolean;
  /**
   * Train a LoRA adapter and leave the model's weights unchanged: gradients, moments and saved files are
   * those of the adapter alone.
   */
  readonly lora?: LoraOptions;
  /** As for `loadModel`. */
  readonly build?: 'auto' | Build;
  /** How many threads compute. Default 'auto'. The count changes no result. */
  readonly threads?: 'auto' | number;
  /** Ends reading, and the run after the step under way, with `aborted`. */
  readonly signal?: AbortSignal;
}

/** Options whose defaults do not depend on model and data. */
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

/** Smallest f32 of full precision: with an epsilon of 0, gradients of 0 would make weights NaN. */
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

/** Fills in defaults. Throws `invalid-option`. */
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
