import { checkArray } from '../../base/check_lists.js';
import { invalidOption } from '../../base/check_options.js';
import { exp, ln } from '../../base/exact_math.js';
import { logSumExp, normalized } from './choice_likelihoods.js';

/** Probabilities of the labels before the model reads an input, as plain data. */
export interface ContextualCalibration {
  /** The inputs without content. */
  readonly contentFree: readonly string[];
  /** The labels, in the order of `prior`. */
  readonly labels: readonly string[];
  /** Mean probability of each label over these inputs. W is the diagonal matrix of 1 / prior. */
  readonly prior: readonly number[];
}

/** The inputs of Zhao et al. 2021. */
export const CONTENT_FREE = ['N/A', '', '[MASK]'] as const;

/** Throws `invalid-option` for anything but an array of one or more texts. */
export function checkContentFree(inputs: unknown): asserts inputs is readonly string[] {
  const right = 'an array of one or more texts';
  checkArray('contentFree', inputs, right, (input) => typeof input === 'string');
  if (inputs.length === 0) throw invalidOption('contentFree', inputs, right);
}

/** The least prior: smaller numbers have no logarithm here. */
const LEAST = 2 ** -1022;

/** The mean of probabilities that are given by their logarithms, a row for each input. */
export function priorOf(rows: readonly (readonly number[])[]): number[] {
  return rows[0]!.map((_, label) => {
    const sum = logSumExp(rows.map((row) => row[label]!));
    return Math.max(LEAST, exp(sum - ln(rows.length)));
  });
}

/** ln of the calibrated probabilities: those of p / prior, less ln of their sum. */
export function calibrated(logs: readonly number[], { prior }: ContextualCalibration): number[] {
  return normalized(logs.map((log, i) => log - ln(prior[i]!)));
}

/** Throws `invalid-option` for anything but a calibration of these labels. */
export function checkCalibration(calibration: unknown, labels: readonly string[]): void {
  const { labels: own, prior } = (calibration ?? {}) as Partial<ContextualCalibration>;
  const isSame =
    Array.isArray(own) && own.length === labels.length && labels.every((label, i) => own[i] === label);
  const isPrior =
    Array.isArray(prior) && prior.length === labels.length && prior.every((p) => p > 0 && p <= 1);
  if (!isSame || !isPrior)
    throw invalidOption('calibration', calibration, "what this task's calibrate gives");
}
