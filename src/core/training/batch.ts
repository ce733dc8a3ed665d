import { checkOptionNames, invalidOption, show } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { listLength } from '../../base/id_list.js';
import type { TrainingShape } from './layout.js';

/** Some sequences of equal length. */
export interface Batch {
  /** B, at most the planned one. */
  readonly batch: number;
  /** T, at most the planned one. */
  readonly length: number;
  /** B x T token ids, one sequence after the other. */
  readonly tokens: ArrayLike<number>;
  /** B x T token ids, for each token the one that should follow; -1 for none. */
  readonly targets: ArrayLike<number>;
}

/** Shares of elements that dropout drops, from 0 to below 1. */
export interface DropoutRates {
  /** After the embedding. */
  readonly embedding: number;
  /** On the attention weights. */
  readonly attention: number;
  /** Before each sum with the residual. */
  readonly residual: number;
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
}

/** Throws `invalid-option` if `input` is not a batch, or larger than planned. */
export function checkBatch(input: Batch, planned: TrainingShape, vocabSize: number): void {
  const { batch, length, tokens, targets } = givenBatch(input);
  const fits = (size: number, most: number) => Number.isInteger(size) && size >= 1 && size <= most;
  if (!fits(batch, planned.batch) || !fits(length, planned.length)) {
    throw new Gpt2Error(
      'invalid-option',
      `the batch is ${show(batch)} x ${show(length)} tokens; at most ${planned.batch} x ${planned.length} were planned`,
    );
  }
  checkIds(tokens, 'token', batch * length, 0, vocabSize);
  checkIds(targets, 'target', batch * length, -1, vocabSize);
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

/** Throws `invalid-option` if `batch` is not an object. */
function givenBatch(batch: unknown): Batch {
  if (typeof batch === 'object' && batch !== null) return batch as Batch;
  throw invalidOption('batch', batch, 'an object { batch, length, tokens, targets }');
}

function checkIds(ids: unknown, what: string, count: number, least: number, end: number): void {
  const length = listLength(ids, `${what}s`, 'an array of whole numbers');
  const list = ids as ArrayLike<unknown>;
  if (length !== count) {
    throw new Gpt2Error(
      'invalid-option',
      `there are ${length} ${what}s; the batch has room for ${count}, no more and no fewer`,
    );
  }
  for (let i = 0; i < count; i++) {
    const id = list[i] as number;
    if (!(Number.isInteger(id) && id >= least && id < end)) {
      throw new Gpt2Error(
        'invalid-option',
        `${what} ${i} is ${show(id)}; it must be a whole number from ${least} to ${end - 1}`,
      );
    }
  }
}

/** Number of a batch's tokens that have a target. Throws `invalid-option` for anything but a batch. */
export function countTargets(batch: Batch): number {
  const { targets } = givenBatch(batch);
  const length = listLength(targets, 'targets', 'an array of token ids and -1');
  let count = 0;
  for (let i = 0; i < length; i++) {
    const target: unknown = targets[i];
    if (typeof target !== 'number') throw invalidOption(`target ${i}`, target, 'a token id or -1');
    if (target >= 0) count++;
  }
  return count;
}
