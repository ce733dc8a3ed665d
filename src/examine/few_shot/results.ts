import { exp, ln } from '../../base/exact_math.js';
import { type ShareEstimate, shareEstimate } from '../statistics/estimates.js';
import { type ContextualCalibration, calibrated } from './calibration.js';
import type { LabelledInput } from './few_shot_options.js';

/** The label of an input. */
export interface Classified {
  /** The likeliest label; of equally likely ones the first. */
  readonly label: string;
  /** The probability of each label; their sum is 1. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** The labels of inputs whose labels are known. */
export interface FewShotResult {
  /** Share of the inputs that got the right label. */
  readonly accuracy: ShareEstimate;
  /** Share of the most frequent label, 0 to 1: the accuracy of always giving it. */
  readonly majority: number;
  /** All labels of the task. */
  readonly labels: readonly string[];
  /** How many inputs of the label of a row got the label of a column; rows and columns as in `labels`. */
  readonly confusion: readonly (readonly number[])[];
  /** What each input got, in their order. */
  readonly classified: readonly Classified[];
}

/** The likeliest label; of equally likely ones the first. `logs`: ln of the labels' probabilities. */
export function classifiedBy(labels: readonly string[], logs: readonly number[]): Classified {
  const most = logs.reduce((a, b) => Math.max(a, b));
  const probabilities: Record<string, number> = Object.create(null);
  for (const [i, label] of labels.entries()) probabilities[label] = exp(logs[i]!);
  return { label: labels[logs.indexOf(most)]!, probabilities };
}

/** Compares labels that were found with those that are known, of one or more inputs. */
export function resultOf(
  labels: readonly string[],
  known: readonly LabelledInput[],
  classified: readonly Classified[],
): FewShotResult {
  const confusion = labels.map(() => labels.map(() => 0));
  for (const [i, { label }] of known.entries()) {
    confusion[labels.indexOf(label)]![labels.indexOf(classified[i]!.label)]!++;
  }
  const right = confusion.reduce((sum, row, i) => sum + row[i]!, 0);
  const rows = confusion.map((row) => row.reduce((a, b) => a + b));
  const majority = rows.reduce((a, b) => Math.max(a, b)) / known.length;
  return { accuracy: shareEstimate(right, known.length), majority, labels, confusion, classified };
}

/** The result of the same inputs after calibration, without asking the model again. */
export function calibratedResult(
  { labels, classified }: FewShotResult,
  known: readonly LabelledInput[],
  calibration: ContextualCalibration,
): FewShotResult {
  const again = classified.map(({ probabilities }) => {
    const logs = labels.map((label) => ln(probabilities[label]!));
    return classifiedBy(labels, calibrated(logs, calibration));
  });
  return resultOf(labels, known, again);
}
