import { Gpt2Error } from '../errors.js';
import type { TrainingShape } from './train_layout.js';

/** Some sequences of equal length. */
export interface Batch {
  /** B, at most what was planned. */
  readonly batch: number;
  /** T, at most what was planned. */
  readonly length: number;
  /** B x T token ids, one sequence after the other. */
  readonly tokens: ArrayLike<number>;
  /** The token that should follow each, as many; -1 where none is asked for. */
  readonly targets: ArrayLike<number>;
}

/** Shares of elements that dropout drops, from 0 to below 1. */
export interface DropoutRates {
  readonly embedding: number;
  readonly attention: number;
  readonly residual: number;
}

/** How `accumulate` treats a batch. */
export interface PassOptions {
  /** What gradients are multiplied by: 1 / (targets in the whole step) for the gradient of the mean loss. */
  readonly scale: number;
  /** With `seed`, 32 bits each, decides the dropout masks: the same numbers drop the same elements. */
  readonly pass?: number;
  readonly seed?: number;
  readonly dropout?: DropoutRates;
}

/** Throws `invalid-option` for a batch that is not one, or does not fit what was planned. */
export function checkBatch(
  { batch, length, tokens, targets }: Batch,
  planned: TrainingShape,
  vocabSize: number,
): void {
  const fits = (size: number, most: number) => Number.isInteger(size) && size >= 1 && size <= most;
  if (!fits(batch, planned.batch) || !fits(length, planned.length)) {
    throw new Gpt2Error(
      'invalid-option',
      `the batch is ${batch} x ${length} tokens; at most ${planned.batch} x ${planned.length} were planned`,
    );
  }
  checkIds(tokens, 'token', batch * length, 0, vocabSize);
  checkIds(targets, 'target', batch * length, -1, vocabSize);
}

/** The rates in the order of assembly/backward/training.ts; throws `invalid-option` for one that cannot be. */
export function dropoutRates(dropout: DropoutRates | undefined): [number, number, number] {
  if (dropout === undefined) return [0, 0, 0];
  const rates: [number, number, number] = [dropout.embedding, dropout.attention, dropout.residual];
  for (const rate of rates) {
    if (!(rate >= 0 && rate < 1)) {
      throw new Gpt2Error('invalid-option', `a dropout rate is ${rate}; it must be at least 0 and below 1`);
    }
  }
  return rates;
}

function checkIds(ids: ArrayLike<number>, what: string, count: number, least: number, end: number): void {
  if (ids.length !== count) {
    throw new Gpt2Error(
      'invalid-option',
      `there are ${ids.length} ${what}s; the batch has room for ${count}, no more and no fewer`,
    );
  }
  for (let i = 0; i < count; i++) {
    const id = ids[i]!;
    if (!(Number.isInteger(id) && id >= least && id < end)) {
      throw new Gpt2Error(
        'invalid-option',
        `${what} ${i} is ${id}; it must be a whole number from ${least} to ${end - 1}`,
      );
    }
  }
}
