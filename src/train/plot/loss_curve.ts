import { checkArray } from '../../base/check_options.js';
import { LARGEST_F32 } from '../../base/finite.js';

/** The loss after a step. */
export interface LossPoint {
  /** Step of the optimizer, from 1; 0 is before the first. */
  readonly step: number;
  /** Mean loss of a token, in nats. */
  readonly loss: number;
}

/** Losses of a training run so far, each list in the order of its steps. */
export interface LossCurve {
  /** Loss of each step before its update. */
  readonly training: readonly LossPoint[];
  /** Loss of the held-out documents, for steps that had an evaluation. */
  readonly validation: readonly LossPoint[];
}

/** What both axes must show; something to draw on even where there are no points, or only equal ones. */
export interface Bounds {
  readonly firstStep: number;
  readonly lastStep: number;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * The points that can be drawn: a diverged run has losses that are no finite numbers. Throws `invalid-option` for what is
 * no curve.
 */
export function drawable(curve: LossCurve): LossCurve {
  const { training, validation } = (curve ?? {}) as LossCurve;
  const hasLoss = ({ loss }: LossPoint) => Math.abs(loss) <= LARGEST_F32;
  for (const [name, points] of Object.entries({ training, validation })) {
    checkArray(name, points, 'an array of { step, loss }, the steps whole numbers', isPoint);
  }
  return { training: training.filter(hasLoss), validation: validation.filter(hasLoss) };
}

function isPoint(point: unknown): boolean {
  const { step, loss } = (point ?? {}) as Partial<LossPoint>;
  return Number.isSafeInteger(step) && typeof loss === 'number';
}

/** Losses that differ by less, as a share of them, are drawn as equal ones: no ticks lie between them. */
const LEAST_RANGE = 1e-12;

export function boundsOf({ training, validation }: LossCurve): Bounds {
  let [firstStep, lastStep] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const points of [training, validation]) {
    for (const { step, loss } of points) {
      firstStep = Math.min(firstStep, step);
      lastStep = Math.max(lastStep, step);
      lowest = Math.min(lowest, loss);
      highest = Math.max(highest, loss);
    }
  }
  if (firstStep > lastStep) return { firstStep: 0, lastStep: 1, lowest: 0, highest: 1 };
  if (firstStep === lastStep) lastStep = firstStep + 1;
  const size = Math.max(Math.abs(lowest), Math.abs(highest), 1);
  const margin = highest - lowest < LEAST_RANGE * size ? size / 10 : 0;
  return { firstStep, lastStep, lowest: lowest - margin, highest: highest + margin };
}

/** Means of steps and losses in `count` stretches of equal length; stretches without points are left out. */
export function thinned(points: readonly LossPoint[], count: number, bounds: Bounds): LossPoint[] {
  const width = (bounds.lastStep - bounds.firstStep) / count;
  const means: LossPoint[] = [];
  for (let i = 0; i < points.length; ) {
    const stretch = Math.floor((points[i]!.step - bounds.firstStep) / width);
    let [steps, losses, met] = [0, 0, 0];
    for (; i < points.length; i++, met++) {
      const { step, loss } = points[i]!;
      if (Math.floor((step - bounds.firstStep) / width) !== stretch) break;
      steps += step;
      losses += loss;
    }
    means.push({ step: steps / met, loss: losses / met });
  }
  return means;
}

/** Round numbers from `low` to `high`: at most `most` + 1 multiples of 1, 2 or 5 times a power of ten. */
export function ticks(low: number, high: number, most: number): number[] {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough * (1 - 1e-9))!;
  const first = Math.ceil(low / unit - 1e-9);
  const count = Math.floor(high / unit + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => (first + i) * unit);
}

/** As `ticks`, but at least two: with a smaller unit if needed. */
export function severalTicks(low: number, high: number, most: number): number[] {
  const found = ticks(low, high, most);
  return found.length < 2 ? severalTicks(low, high, most + 1) : found;
}

/** Whole numbers from `low` to `high`, which are whole too: at most `most` + 1. */
export function wholeTicks(low: number, high: number, most: number): number[] {
  return ticks(low, high, Math.min(most, high - low));
}

/** A tick without the digits that binary fractions add. */
export function tickText(value: number): string {
  return value === 0 ? '0' : String(Number(value.toPrecision(6)));
}
