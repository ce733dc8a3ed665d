import { checkArray } from '../../base/check_lists.js';
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

/** Ranges of both axes. Neither is empty, even without points or with equal ones only. */
export interface Bounds {
  readonly firstStep: number;
  readonly lastStep: number;
  readonly lowest: number;
  readonly highest: number;
}

/**
 * The points whose losses are finite: those of a diverged run may not be. Throws `invalid-option` if `curve`
 * is not a LossCurve.
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

/** A smaller relative range of losses is drawn as a constant: rounding leaves no ticks within it. */
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

/** Mean steps and losses of `count` ranges of equal length; ranges without points are left out. */
export function thinned(points: readonly LossPoint[], count: number, bounds: Bounds): LossPoint[] {
  const width = (bounds.lastStep - bounds.firstStep) / count;
  const means: LossPoint[] = [];
  for (let i = 0; i < points.length; ) {
    const range = Math.floor((points[i]!.step - bounds.firstStep) / width);
    let [steps, losses, met] = [0, 0, 0];
    for (; i < points.length; i++, met++) {
      const { step, loss } = points[i]!;
      if (Math.floor((step - bounds.firstStep) / width) !== range) break;
      steps += step;
      losses += loss;
    }
    means.push({ step: steps / met, loss: losses / met });
  }
  return means;
}

/** At most `most` + 1 multiples, from `low` to `high`, of a unit: 1, 2 or 5 times a power of ten. */
export function ticks(low: number, high: number, most: number): number[] {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const unit = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough * (1 - 1e-9))!;
  const first = Math.ceil(low / unit - 1e-9);
  const count = Math.floor(high / unit + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => (first + i) * unit);
}

/** As `ticks`, with a unit that is small enough for at least two. */
export function severalTicks(low: number, high: number, most: number): number[] {
  const found = ticks(low, high, most);
  return found.length < 2 ? severalTicks(low, high, most + 1) : found;
}

/** At most `most` + 1 whole numbers from `low` to `high`, which must be whole. */
export function wholeTicks(low: number, high: number, most: number): number[] {
  return ticks(low, high, Math.min(most, high - low));
}

/** A tick rounded to 6 digits, which hides the error of binary fractions. */
export function tickText(value: number): string {
  return value === 0 ? '0' : String(Number(value.toPrecision(6)));
}
