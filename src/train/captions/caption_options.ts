import { checkWholeConfig } from '../../architecture/gpt2/check_whole_config.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { CAPTION_LORA_TARGETS } from '../../architecture/gpt2/lora.js';
import { checkEncoderConfig } from '../../architecture/vit/check_config.js';
import type { EncoderConfig } from '../../architecture/vit/config.js';
import { type NumberRule, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { CaptionerConfig } from '../../checkpoints/vision/config.js';
import type { TrainingSection } from '../../core/training/shape.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import { jsonText } from '../../files/json_text.js';
import type { Source, SourceOptions } from '../../files/source_options.js';
import type { AdapterChoice } from '../../model/adapters/adapter_choice.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { resolveExampleOptions } from '../data/example_options.js';
import { TRAINING } from '../option_aliases.js';
import { type Resolved, RUN_NAMES, type RunOptions } from '../run_options.js';
import type { CaptionData, CaptionExample } from './caption_data.js';

/** Sizes of a captioner to train from scratch. */
export interface NewCaptioner {
  /** The encoder; `outputChannels` follows from the widths of both. */
  readonly encoder: Omit<EncoderConfig, 'outputChannels'>;
  /** The decoder; it always has cross-attention. */
  readonly decoder: Omit<ModelConfig, 'crossAttention'>;
}

/** Options of `CaptionTrainer.create`. */
export interface CaptionTrainerOptions extends RunOptions, SourceOptions {
  /** The captioner to start from; without one, `config` describes one to train from scratch. */
  readonly model?: Source;
  /**
   * Adapters in PEFT's format that are merged into the model's weights before training, as for
   * `loadCaptioner`.
   */
  readonly adapters?: readonly AdapterChoice[];
  /** Configuration of a captioner to train from scratch. */
  readonly config?: NewCaptioner;
  /** Encodes the captions, and is saved with the model. Without one, captions are token ids. */
  readonly tokenizer?: Tokenizer;
  /**
   * How images become pixels: the fields of a preprocessor_config.json, which is saved with the model. Default that of
   * `model`. Needed for examples with `image`.
   */
  readonly preprocessor?: JsonObject;
  /**
   * The token before each caption. Default that of `model`, or the decoder's `bosTokenId`, or else the token that ends
   * a caption.
   */
  readonly startTokenId?: number;
  /** Captioned images to learn from. */
  readonly data: CaptionData;
  /**
   * Captioned images that are held out, or the share of `data` that is; the share of an iterable is 0. Default 0.05
   * for an array or a dataset.
   */
  readonly validation?: number | CaptionData;
  /** Number of passes over all examples, if `steps` is not given. Default 1; an iterable needs `steps`. */
  readonly epochs?: number;
  /**
   * Most tokens of a row, the start token and a caption; shorter batches take less time. Default 64, or the
   * decoder's context if that is shorter.
   */
  readonly contextLength?: number;
  /** Parts of the model that stay as they are: `encoder`, `decoder`, `cross`. Default none. */
  readonly frozen?: readonly TrainingSection[];
}

const OTHER_NAMES = [
  ...[
    'model',
    'adapters',
    'config',
    'tokenizer',
    'preprocessor',
    'startTokenId',
    'data',
    'validation',
    'epochs',
  ],
  ...['contextLength', 'frozen', 'revision', 'token', 'cache'],
];

const NUMBERS: Readonly<Record<string, NumberRule>> = {
  contextLength: whole(2),
  startTokenId: whole(0),
};

/** Options with their defaults. */
export type ResolvedCaptionOptions = Resolved<CaptionTrainerOptions> &
  Required<Pick<CaptionTrainerOptions, 'validation'>>;

/** Checks options and fills in defaults. Throws `invalid-option`. */
export function resolveCaptionOptions(options: CaptionTrainerOptions): ResolvedCaptionOptions {
  checkOptionNames('CaptionTrainer.create', options, [...RUN_NAMES, ...OTHER_NAMES], [TRAINING]);
  const resolved = resolveExampleOptions<CaptionExample, CaptionTrainerOptions>(
    options,
    '{ pixels, text }',
    NUMBERS,
    CAPTION_LORA_TARGETS,
  );
  const { model, adapters, config, preprocessor, lora } = options;
  if ((model === undefined) === (config === undefined)) {
    const right = 'give either model, to go on from, or config, to train from scratch';
    throw new Gpt2Error('invalid-option', right);
  }
  if (model === undefined && (lora ?? adapters) !== undefined) {
    throw new Gpt2Error('invalid-option', 'an adapter needs a model, which it changes');
  }
  if (preprocessor !== undefined && !isJsonObject(preprocessor)) {
    throw invalidOption('preprocessor', preprocessor, 'an object, as preprocessor_config.json holds it');
  }
  // Now, and not when it is saved at the end of the run.
  if (preprocessor !== undefined) jsonText('preprocessor', preprocessor);
  return resolved;
}

/** The configuration of a captioner to train from scratch. Throws `invalid-option`. */
export function newCaptionerConfig(config: NewCaptioner): Omit<CaptionerConfig, 'startTokenId'> {
  checkOptionNames('config', config, ['encoder', 'decoder']);
  const { encoder: given, decoder: text } = config;
  const decoder = { ...text, crossAttention: true };
  checkWholeConfig(decoder);
  const encoder = {
    ...given,
    outputChannels: given?.channels === decoder.channels ? undefined : decoder.channels,
  };
  checkEncoderConfig(encoder);
  return { encoder, decoder };
}
