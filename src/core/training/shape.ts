import { checkMapperConfig } from '../../architecture/clipcap/check_config.js';
import type { MapperConfig } from '../../architecture/clipcap/config.js';
import type { ModelConfig } from '../../architecture/gpt2/config.js';
import { checkTargets, type LoraShape } from '../../architecture/gpt2/lora.js';
import { checkEncoderConfig } from '../../architecture/vit/check_config.js';
import { type EncoderConfig, stateCount } from '../../architecture/vit/config.js';
import { checkArray } from '../../base/check_lists.js';
import { checkNumber, type NumberRule, positive, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption, quotedList } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { QUANTIZED_FORMATS } from '../../dtypes/quantized_formats.js';
import type { QuantizedFormat } from '../../dtypes/weight_formats.js';

/**
 * Parts of a model that attends to encoder states: the image encoder, the cross-attention of all layers with the
 * matrix `enc_to_dec_proj`, and the rest, which is a GPT-2.
 */
export const TRAINING_SECTIONS = ['encoder', 'cross', 'decoder'] as const;

/** A part of a model that attends to encoder states. */
export type TrainingSection = (typeof TRAINING_SECTIONS)[number];

/**
 * AdamW (Loshchilov and Hutter 2019) for all weights; or Muon (Jordan et al. 2024) for the matrices inside the layers,
 * and AdamW for the others.
 */
export type Optimizer = 'adamw' | 'muon';

export const OPTIMIZERS: readonly Optimizer[] = ['adamw', 'muon'];

/** The largest batch that memory is planned for, and how it is used. */
export interface TrainingShape {
  /** B: sequences of a microbatch. */
  readonly batch: number;
  /** T: positions of each. */
  readonly length: number;
  /**
   * Keep only the residual stream between layers and recompute the rest of a layer in the backward pass:
   * about a quarter more arithmetic, 2 C numbers a token and layer instead of about 10 C.
   */
  readonly recompute?: boolean;
  /** Train an adapter of this shape and leave the model's own weights as they are. */
  readonly lora?: LoraShape | undefined;
  /** The encoder of images to whose states a decoder with cross-attention attends. */
  readonly encoder?: EncoderConfig | undefined;
  /** S: states of each sequence, if a decoder with cross-attention has no `encoder`: each batch gives them. */
  readonly states?: number | undefined;
  /**
   * The mapper that makes vectors, with which each sequence begins, from the features that a batch gives. It is always
   * trained.
   */
  readonly prefix?: MapperConfig | undefined;
  /** Plan memory for the distributions that a microbatch's `teacher` gives. Default false. */
  readonly distill?: boolean | undefined;
  /**
   * Format of the model's matrices in the passes. Trained matrices keep their f32 numbers, to which gradients go
   * unchanged (the straight-through estimator, Bengio et al. 2013), and are used in f32 until `TrainCore.quantize` is
   * called. Frozen matrices, as those beside an adapter, are in this format alone (Dettmers et al. 2023, "QLoRA").
   */
  readonly quantize?: QuantizedFormat | undefined;
  /** Which optimizer updates the weights. Default 'adamw'. */
  readonly optimizer?: Optimizer | undefined;
  /** Sections that stay as they are. Default none. */
  readonly frozen?: readonly TrainingSection[] | undefined;
}

/** S: encoder states of each sequence; 0 if the model does not attend to any. */
export function stateRows({ encoder, states = 0 }: TrainingShape): number {
  return encoder === undefined ? states : stateCount(encoder);
}

/** Rule for the tokens of a row: 1 to the model's context. */
export const inContext = (contextLength: number): NumberRule => [
  whole(1, contextLength)[0],
  `a whole number from 1 to the model's context, ${contextLength}`,
];

/** Throws `invalid-option` for a shape that the model cannot be trained with. */
export function checkShape(shape: TrainingShape, config: ModelConfig): void {
  const names = [
    ...[
      'batch',
      'length',
      'recompute',
      'lora',
      'encoder',
      'states',
      'prefix',
      'frozen',
      'distill',
      'quantize',
      'optimizer',
    ],
  ];
  checkOptionNames('TrainingShape', shape, names);
  const { batch, length, recompute, lora, frozen, quantize } = shape;
  checkNumber('batch', batch, whole(1));
  checkNumber('length', length, inContext(config.contextLength));
  for (const [name, value] of Object.entries({ recompute, distill: shape.distill })) {
    if (value !== undefined && typeof value !== 'boolean') throw invalidOption(name, value, 'true or false');
  }
  if (quantize !== undefined) checkQuantize(shape, config);
  checkOptimizer(shape.optimizer);
  checkStates(shape, config);
  if (shape.prefix !== undefined) checkPrefix(shape, config);
  if (frozen !== undefined) checkFrozen(frozen, config, shape);
  if (lora === undefined) return;
  checkOptionNames('lora', lora, ['rank', 'alpha', 'targets']);
  checkNumber('rank', lora.rank, whole(1));
  checkNumber('alpha', lora.alpha, positive);
  checkTargets(lora.targets);
  if (frozen !== undefined && frozen.length > 0) {
    throw new Gpt2Error('invalid-option', 'with lora, all sections are frozen; leave out frozen');
  }
}

/** Throws `invalid-option` unless this is a quantized format, for a model of text alone. */
function checkQuantize({ quantize, prefix }: TrainingShape, { crossAttention }: ModelConfig): void {
  if (!QUANTIZED_FORMATS.includes(quantize!)) {
    throw invalidOption('quantize', quantize, quotedList(QUANTIZED_FORMATS));
  }
  if (!crossAttention && prefix === undefined) return;
  throw invalidOption('quantize', quantize, 'undefined for a model that sees images or has a mapper');
}

/** Throws `invalid-option` unless this is undefined or an optimizer. */
export function checkOptimizer(optimizer: unknown): void {
  if (optimizer === undefined || OPTIMIZERS.includes(optimizer as Optimizer)) return;
  throw invalidOption('optimizer', optimizer, "'adamw' or 'muon'");
}

/** Most states of a sequence: as many as there are 16 x 16 pixels in an image of 2048 x 2048. */
const MOST_STATES = 16_384;

function checkStates({ encoder, states }: TrainingShape, config: ModelConfig): void {
  if (!config.crossAttention) {
    if ((encoder ?? states) === undefined) return;
    throw new Gpt2Error(
      'invalid-option',
      'encoder and states are for a model with cross-attention, which config does not have',
    );
  }
  if ((encoder === undefined) === (states === undefined)) {
    throw new Gpt2Error(
      'invalid-option',
      'the model has cross-attention: give either encoder, whose states it attends to, or states, the number of ' +
        'those that each batch gives',
    );
  }
  if (encoder === undefined) checkNumber('states', states, whole(1, MOST_STATES));
  else checkEncoder(encoder, config);
}

function checkEncoder(encoder: EncoderConfig, config: ModelConfig): void {
  checkEncoderConfig(encoder);
  const width = encoder.outputChannels ?? encoder.channels;
  if (width !== config.channels) {
    throw new Gpt2Error(
      'invalid-option',
      `the encoder's states are ${width} wide, the decoder ${config.channels}; set outputChannels to ${config.channels}`,
    );
  }
  checkNumber("the encoder's states", stateCount(encoder), whole(1, MOST_STATES));
}

/** Throws `invalid-option` unless a mapper makes vectors of the model's width, after which tokens have room. */
function checkPrefix({ prefix, length }: TrainingShape, config: ModelConfig): void {
  checkMapperConfig(prefix);
  const { channels, vectors } = prefix;
  if (config.crossAttention) {
    throw new Gpt2Error('invalid-option', 'prefix is for a model without cross-attention, which config has');
  }
  if (channels !== config.channels) {
    throw invalidOption('mapper.channels', channels, `${config.channels}, the width of the model`);
  }
  if (vectors < length) return;
  throw invalidOption('mapper.vectors', vectors, `below ${length}, the positions of a sequence`);
}

function checkFrozen(frozen: unknown, { crossAttention }: ModelConfig, { prefix }: TrainingShape): void {
  const right = `an array with some of ${TRAINING_SECTIONS.join(', ')}`;
  checkArray('frozen', frozen, right, (name) => TRAINING_SECTIONS.includes(name as TrainingSection));
  const names = new Set(frozen);
  const isAll = names.size === TRAINING_SECTIONS.length || (!crossAttention && names.has('decoder'));
  if (isAll && prefix === undefined) {
    throw invalidOption('frozen', frozen, `${right}, but not all: nothing would be trained`);
  }
}
