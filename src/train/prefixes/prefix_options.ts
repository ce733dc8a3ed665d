import { LORA_TARGETS } from '../../architecture/gpt2/lora.js';
import { type NumberRule, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Source, SourceOptions } from '../../files/source_options.js';
import type { AdapterChoice } from '../../model/adapters/adapter_choice.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { resolveExampleOptions } from '../data/example_options.js';
import { MAPPER, TRAINING } from '../option_aliases.js';
import { type Resolved, RUN_NAMES, type RunOptions } from '../run_options.js';
import { checkMapperToTrain, type MapperToTrain } from './new_mapper.js';
import type { PrefixData, PrefixExample } from './prefix_data.js';

/** Options of `PrefixTrainer.create`. */
export interface PrefixTrainerOptions extends RunOptions, SourceOptions {
  /** The GPT-2 that continues the vectors. */
  readonly model: Source;
  /**
   * LoRA adapters in PEFT's format that are merged into the model's weights before training, as for
   * `loadModel`.
   */
  readonly adapters?: readonly AdapterChoice[];
  /** The mapper to train from scratch, or the one to go on from. */
  readonly mapper: MapperToTrain;
  /**
   * Train the weights of GPT-2 too, as ClipCap does with two matrices. Default false: they stay as they are, as ClipCap
   * has it with a transformer. With `lora`, an adapter is trained beside the mapper.
   */
  readonly trainModel?: boolean;
  /** Encodes the texts. Default that of `model`. Without one, texts are token ids. */
  readonly tokenizer?: Tokenizer;
  /** Features and texts to learn from. */
  readonly data: PrefixData;
  /**
   * Examples that are held out, or the share of `data` that is; the share of an iterable is 0. Default 0.05 for an array
   * or a dataset.
   */
  readonly validation?: number | PrefixData;
  /** Number of passes over all examples, if `steps` is not given. Default 1; an iterable needs `steps`. */
  readonly epochs?: number;
  /**
   * Most positions of a row, the vectors and a text; shorter batches take less time. Default 64 after the vectors, or
   * the model's context if that is shorter.
   */
  readonly contextLength?: number;
}

const OTHER_NAMES = [
  ...['model', 'adapters', 'mapper', 'trainModel', 'tokenizer', 'data', 'validation', 'epochs'],
  ...['contextLength', 'revision', 'token', 'cache'],
];

const NUMBERS: Readonly<Record<string, NumberRule>> = { contextLength: whole(2) };

/** Options with their defaults. */
export type ResolvedPrefixOptions = Resolved<PrefixTrainerOptions> &
  Required<Pick<PrefixTrainerOptions, 'validation' | 'trainModel'>>;

/** Checks options and fills in defaults. Throws `invalid-option`. */
export function resolvePrefixOptions(options: PrefixTrainerOptions): ResolvedPrefixOptions {
  const names = [...RUN_NAMES, ...OTHER_NAMES];
  checkOptionNames('PrefixTrainer.create', options, names, [TRAINING, MAPPER]);
  const resolved = resolveExampleOptions<PrefixExample, PrefixTrainerOptions>(
    options,
    '{ features, text }',
    NUMBERS,
    LORA_TARGETS,
  );
  const { model, mapper, trainModel = false, lora } = options;
  if (model === undefined) {
    throw new Gpt2Error('invalid-option', 'give the model that continues the vectors of the mapper');
  }
  checkMapperToTrain(mapper);
  if (typeof trainModel !== 'boolean') throw invalidOption('trainModel', trainModel, 'true or false');
  if (trainModel && lora !== undefined) {
    throw new Gpt2Error(
      'invalid-option',
      'give either trainModel or lora, which leaves the weights unchanged',
    );
  }
  return { ...resolved, trainModel };
}
