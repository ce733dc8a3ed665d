import { BITS_32, checkNumber, finite, share } from '../../base/check_number.js';
import { checkOptionNames, invalidOption, show } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { TrainingShape } from './shape.js';

/** Shares of elements that dropout drops, from 0 to below 1. */
export interface DropoutRates {
  /** After the embedding. */
  readonly embedding: number;
  /** On the attention weights. */
  readonly attention: number;
  /** Before each sum with the residual. */
  readonly residual: number;
}

/** Loss of a token: the cross-entropy to its target, or the logit of its target with the sign changed. */
export type TokenLoss = 'cross-entropy' | 'logit';

const TOKEN_LOSSES: readonly TokenLoss[] = ['cross-entropy', 'logit'];

/** Distributions over the vocabulary that tokens learn beside their targets. */
export interface SoftTargets {
  /** Weight of the targets, from 0 to below 1; the distributions have the rest. */
  readonly hardShare: number;
  /**
   * Fills each of `rows` with the V probabilities that the token of its number learns, the first being number `firstRow`
   * of the B x T tokens. Tokens come in order, each once. Rows without a target need not be filled.
   */
  write(firstRow: number, rows: readonly Float32Array[]): Promise<void> | void;
}

/** Options of `accumulate`. */
export interface MicrobatchOptions {
  /** Factor of the gradients: 1 / (targets in the whole step) for the gradient of the mean loss. */
  readonly scale: number;
  /**
   * Number of the microbatch in the run, 32 bits: with `seed`, it determines the dropout masks (Srivastava et
   * al. 2014). Default 0.
   */
  readonly microbatch?: number;
  /** @deprecated Use `microbatch`. */
  readonly pass?: number;
  /** Seed of the dropout masks, 32 bits. Default 0. */
  readonly seed?: number;
  /** Dropout rates; none by default. */
  readonly dropout?: DropoutRates;
  /** Loss of a token. Default 'cross-entropy'. */
  readonly loss?: TokenLoss;
  /**
   * Returns a factor of the gradient of each token's loss, beside `scale`, from the losses of all B x T tokens; a
   * factor may be negative. The head is then computed twice. Default 1 for all.
   */
  readonly factors?: (losses: Float64Array) => ArrayLike<number>;
  /** Distributions to learn; the core's shape must have `distill`. */
  readonly teacher?: SoftTargets;
}

const NAMES: readonly string[] = [
  ...(['scale', 'seed', 'microbatch', 'pass', 'dropout'] satisfies (keyof MicrobatchOptions)[]),
  ...(['loss', 'factors', 'teacher'] satisfies (keyof MicrobatchOptions)[]),
];

/** Throws `invalid-option` for options that `accumulate` does not take with this shape. */
export function checkMicrobatch(options: MicrobatchOptions, { distill }: TrainingShape): void {
  checkOptionNames('accumulate', options, NAMES);
  const { scale, seed = 0, pass = 0, microbatch = pass, loss, factors, teacher } = options;
  checkNumber('scale', scale, finite);
  checkNumber('seed', seed, BITS_32);
  checkNumber('microbatch', microbatch, BITS_32);
  checkTokenLoss(loss);
  if (factors !== undefined && typeof factors !== 'function') {
    throw invalidOption('factors', factors, 'a function from losses to factors');
  }
  if (teacher !== undefined) checkTeacher(teacher, distill ?? false, loss, factors);
}

/** Throws `invalid-option` unless `loss` is undefined or one of TOKEN_LOSSES. */
export function checkTokenLoss(loss: unknown): void {
  if (loss === undefined || TOKEN_LOSSES.includes(loss as TokenLoss)) return;
  throw invalidOption('loss', loss, TOKEN_LOSSES.map((name) => `'${name}'`).join(' or '));
}

function checkTeacher(teacher: SoftTargets, distill: boolean, loss: unknown, factors: unknown): void {
  checkOptionNames('teacher', teacher, ['hardShare', 'write']);
  checkNumber('hardShare', teacher.hardShare, share);
  if (typeof teacher.write !== 'function') {
    throw invalidOption('teacher.write', teacher.write, 'a function that fills rows');
  }
  if (!distill) throw new Gpt2Error('invalid-option', 'teacher needs a TrainCore whose shape has distill');
  if (factors === undefined && (loss === undefined || loss === 'cross-entropy')) return;
  throw new Gpt2Error('invalid-option', "teacher cannot be combined with factors or with loss 'logit'");
}

/** Dropout rates in the order of the DROPOUTs. Throws `invalid-option` for a rate outside of [0, 1). */
export function dropoutRates(dropout: DropoutRates | undefined): [number, number, number] {
  if (dropout === undefined) return [0, 0, 0];
  checkOptionNames('dropout', dropout, ['embedding', 'attention', 'residual']);
  const rates: [number, number, number] = [dropout.embedding, dropout.attention, dropout.residual];
  for (const rate of rates) {
    if (!(typeof rate === 'number' && rate >= 0 && rate < 1)) {
      throw new Gpt2Error(
        'invalid-option',
        `a dropout rate is ${show(rate)}; it must be at least 0 and below 1`,
      );
    }
  }
  return rates;
}
