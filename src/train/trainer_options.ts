import { checkModelConfig } from '../architecture/gpt2/check_config.js';
import type { ModelConfig } from '../architecture/gpt2/config.js';
import { type NumberRule, positive, share, whole } from '../base/check_number.js';
import { checkOptionNames, invalidOption, quotedList } from '../base/check_options.js';
import { Gpt2Error } from '../base/errors.js';
import { QUANTIZED_FORMATS } from '../dtypes/quantized_formats.js';
import type { QuantizedFormat } from '../dtypes/weight_formats.js';
import type { Source, SourceOptions } from '../files/source_options.js';
import type { AdapterChoice } from '../model/adapters/adapter_choice.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { type Curriculum, checkCurriculum } from './data/curriculum.js';
import { checkBorders, checkLayout, type RowLayout } from './data/rows.js';
import { checkDistillation, DISTILLATION_NAMES, type DistillationOptions } from './distillation/options.js';
import { type DeduplicateOptions, resolveDeduplicate } from './duplicates/options.js';
import { TRAINING } from './option_aliases.js';
import { type Resolved, RUN_NAMES, type RunOptions, resolveRunOptions } from './run_options.js';
import { checkData, type TrainingData } from './training_data.js';

/** Options of `Trainer.create`. */
export interface TrainerOptions extends RunOptions, SourceOptions, DistillationOptions {
  /** The model to start from; without one, `config` describes a model to train from scratch. */
  readonly model?: Source;
  /**
   * Adapters in PEFT's format that are merged into the model's weights before training, as for
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
  /** T: tokens in a row. Default 256, or the model's context if that is shorter. */
  readonly contextLength?: number;
  /**
   * `packed`, the default, fills each row with successive documents; `documents` starts a new row for each.
   */
  readonly layout?: RowLayout;
  /**
   * Whether attention ends at the borders of documents in packed rows, and positions count from the beginning of each
   * document: its losses are then those it has alone in a row, to the bit. Not with the layout `documents`. Default
   * false: a token attends to the documents before its own in the row, too.
   */
  readonly documentBorders?: boolean;
  /**
   * Seed of the order of data, dropout, the choice of held-out documents and initial weights: 32 bits.
   * Default 0.
   */
  readonly seed?: number;
  /** Share of the documents that is held out for validation. Default 0.05; 0 for none. */
  readonly validation?: number;
  /**
   * Compute with the model's matrices in this format, so that the trained model loses nothing when it is loaded or
   * converted to it: quantization-aware training (Jacob et al. 2018) with the straight-through estimator (Bengio et al.
   * 2013), which updates f32 numbers. `save` writes the numbers of the format. With `lora`, the frozen matrices are kept
   * in the format alone, which needs less memory (Dettmers et al. 2023, "QLoRA").
   */
  readonly quantize?: QuantizedFormat;
  /**
   * Steps that are done in f32 before `quantize` begins; `patience` counts evaluations after them. Default 0; not with
   * `lora`.
   */
  readonly quantizeFrom?: number;
  /**
   * Leave out near-duplicates before documents are held out, as `deduplicateDocuments` does; an object sets its options.
   * Default false.
   */
  readonly deduplicate?: boolean | DeduplicateOptions;
  /**
   * `length`: the first epoch has its documents from short to long, later ones in random order (Bengio et al. 2009,
   * "Curriculum learning"). Rows are shuffled within tenths of that epoch. By default all epochs are in random order.
   */
  readonly curriculum?: Curriculum;
}

/** Defaults that do not depend on model and data. */
const DEFAULTS = { layout: 'packed' as RowLayout, documentBorders: false, validation: 0.05 };

const OTHER_NAMES = [
  ...['model', 'adapters', 'revision', 'token', 'cache', 'config', 'tokenizer', 'data', 'epochs'],
  ...['contextLength', 'quantize', 'quantizeFrom', 'deduplicate', 'curriculum'],
  ...DISTILLATION_NAMES,
];

export type ResolvedOptions = Omit<Resolved<TrainerOptions>, 'deduplicate'> &
  Required<Pick<TrainerOptions, keyof typeof DEFAULTS>> & {
    readonly deduplicate: Required<DeduplicateOptions> | undefined;
  };

const NUMBERS: Readonly<Record<string, NumberRule>> = {
  epochs: positive,
  contextLength: whole(1),
  validation: share,
  quantizeFrom: whole(0),
};

/** Checks options and fills in defaults. Throws `invalid-option`. */
export function resolveTrainerOptions(options: TrainerOptions): ResolvedOptions {
  const names = [...RUN_NAMES, ...Object.keys(DEFAULTS), ...OTHER_NAMES];
  checkOptionNames('Trainer.create', options, names, [TRAINING]);
  const { model, adapters, config, layout, documentBorders, patience, validation, lora } = options;
  const resolved = resolveRunOptions(options, NUMBERS);
  checkDistillation(options);
  checkData(options.data);
  checkTokenizer(options.tokenizer);
  checkQuantize(options);
  if ((model === undefined) === (config === undefined)) {
    throw new Gpt2Error(
      'invalid-option',
      'give either model, to go on from, or config, to train from scratch',
    );
  }
  if (config !== undefined) checkModelConfig(config);
  if (layout !== undefined) checkLayout(layout);
  checkBorders(documentBorders, layout ?? DEFAULTS.layout);
  checkCurriculum(options.curriculum);
  if (patience !== undefined && validation === 0) {
    throw new Gpt2Error(
      'invalid-option',
      'patience needs a validation share above 0, whose losses it waits for',
    );
  }
  if (model === undefined && (lora ?? adapters) !== undefined) {
    throw new Gpt2Error('invalid-option', 'an adapter needs a model, which it changes');
  }
  return { ...DEFAULTS, ...resolved, deduplicate: resolveDeduplicate(options.deduplicate) };
}

/** Throws `invalid-option` for a format that matrices cannot be quantized to, and for a beginning of nothing. */
function checkQuantize({ quantize, quantizeFrom, lora }: TrainerOptions): void {
  if (quantize !== undefined && !QUANTIZED_FORMATS.includes(quantize)) {
    throw invalidOption('quantize', quantize, quotedList(QUANTIZED_FORMATS));
  }
  if (quantizeFrom === undefined) return;
  if (quantize === undefined) throw new Gpt2Error('invalid-option', 'quantizeFrom needs quantize');
  if (lora !== undefined) {
    throw new Gpt2Error(
      'invalid-option',
      'quantizeFrom is not for lora: frozen weights are quantized at once',
    );
  }
}

/** Throws `invalid-option` unless this is undefined or a tokenizer, whose files are written with a model. */
export function checkTokenizer(tokenizer: unknown): void {
  if (tokenizer === undefined || typeof (tokenizer as Tokenizer | null)?.files === 'function') return;
  throw invalidOption(
    'tokenizer',
    tokenizer,
    'what loadTokenizer or trainTokenizer gives, since its files are written with the model',
  );
}
