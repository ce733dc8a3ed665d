import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { type ShareEstimate, shareEstimate } from '../statistics/estimates.js';
import { auroc, countBelow } from './auroc.js';
import type { CalibrationData } from './calibration_data.js';
import { type Detector, scoreOf } from './detector.js';

/** How a text is judged. */
export interface VerdictOptions {
  /**
   * Share of human texts like those of the calibration that may raise an alarm, above 0 and below 1: 0.05 by default.
   */
  readonly falseAlarms?: number | undefined;
  /** Ends the work with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** The judgement of a text by a calibration. */
export interface Verdict {
  /** The score that the detector gave the text, or the given one. */
  readonly score: number;
  /**
   * The share of human texts whose scores look at least as much like a machine's, counting the text as one of them:
   * (1 + those of the calibration) / (1 + their number).
   */
  readonly pValue: number;
  /** The share of human texts that may raise an alarm. */
  readonly falseAlarms: number;
  /** Whether `pValue` is at most `falseAlarms`. Without an alarm nothing is known about the text. */
  readonly isAlarm: boolean;
  /**
   * Whether the text is as long as those of the calibration: not shorter than the shortest and not longer than the
   * longest. Otherwise the p-value means little. `undefined` for a score.
   */
  readonly isLengthCovered?: boolean;
}

/** How a threshold does on texts that it was not made from. */
export interface CalibratedRate {
  /** Share of human texts that may raise an alarm. */
  readonly falseAlarms: number;
  /** Scores beyond it, in the direction of `machineIs`, raise an alarm. */
  readonly threshold: number;
  /** Alarms for the human texts that were held out. */
  readonly heldOut: ShareEstimate;
  /** Alarms for the machine texts, if there are any. */
  readonly detected?: ShareEstimate;
}

/** How often a calibration is right. */
export interface CalibrationReport {
  /** Human texts that thresholds and p-values come from. */
  readonly humanTexts: number;
  /** Human texts that false alarms are counted on. */
  readonly heldOutTexts: number;
  /** Machine texts that detections are counted on; 0 if none were given. */
  readonly machineTexts: number;
  /** Lowest p-value that so many human texts can give. */
  readonly leastPValue: number;
  /** Probability that a machine text looks more like a machine's than a human text, 0 to 1; 0.5 is chance. */
  readonly auroc?: number;
  /** For 0.01, 0.05 and 0.1, those that there are enough human texts for. */
  readonly rates: readonly CalibratedRate[];
}

const REPORTED_RATES = [0.01, 0.05, 0.1];
const STANDARD_RATE = 0.05;
/** Lets a product such as 0.29 * 100 count as the whole number that it stands for. */
const ROUNDING = 1e-9;

/**
 * Scores of the user's own texts, which give p-values and verdicts for others. They hold for texts like these: of the
 * same kind, language, length and time. See `detectors` for what they cannot do.
 */
export class Calibration {
  readonly #data: CalibrationData;
  readonly #detector: Detector | undefined;
  /** Scores of the human texts, those that look most like a machine's last. */
  readonly #human: Float64Array;

  /** Use `calibrate` or `readCalibration`. */
  constructor(data: CalibrationData, detector: Detector | undefined) {
    this.#data = data;
    this.#detector = detector;
    this.#human = this.#towardsMachine(data.human).sort();
  }

  /** The (1 + n) / (1 + all) of `Verdict.pValue`. Throws `invalid-option` if the score is no finite number. */
  pValue(score: number): number {
    if (!Number.isFinite(score)) throw invalidOption('score', score, 'a finite number');
    return (1 + this.#asExtreme(score)) / (1 + this.#human.length);
  }

  /**
   * The score beyond which there is an alarm, for a share of false alarms. Throws `invalid-option` if there are too
   * few human texts for so small a share.
   */
  threshold(falseAlarms: number): number {
    const score = this.#human[this.#human.length - 1 - this.#mostAlarms(falseAlarms)]!;
    return this.#data.machineIs === 'higher' ? score : -score;
  }

  /**
   * Judges a text by the detector, or a score of it. Throws `invalid-option`, also for a text if the calibration was
   * read without its detector, and if the share of false alarms needs more human texts than the calibration has.
   */
  async verdict(textOrScore: string | number, options: VerdictOptions = {}): Promise<Verdict> {
    checkOptionNames('verdict', options, ['falseAlarms', 'signal']);
    const { falseAlarms = STANDARD_RATE, signal } = options;
    const most = this.#mostAlarms(falseAlarms);
    const isText = typeof textOrScore === 'string';
    const score = isText ? await this.#score(textOrScore, signal) : textOrScore;
    const pValue = this.pValue(score);
    const verdict = { score, pValue, falseAlarms, isAlarm: this.#asExtreme(score) <= most };
    if (!isText) return verdict;
    const { least, most: longest } = this.#data.lengths;
    return { ...verdict, isLengthCovered: textOrScore.length >= least && textOrScore.length <= longest };
  }

  /** How often the calibration is right on texts that its thresholds were not made from. */
  report(): CalibrationReport {
    const { human, heldOut, machine } = this.#data;
    const [held, generated] = [this.#towardsMachine(heldOut), this.#towardsMachine(machine ?? [])];
    const alarms = (scores: Float64Array, rate: number) => {
      const limit = this.#human[this.#human.length - 1 - this.#mostAlarms(rate)]!;
      return shareEstimate(
        scores.reduce((count, score) => count + (score > limit ? 1 : 0), 0),
        scores.length,
      );
    };
    const leastPValue = 1 / (1 + human.length);
    const rates = REPORTED_RATES.filter((rate) => rate + ROUNDING >= leastPValue).map((falseAlarms) => ({
      falseAlarms,
      threshold: this.threshold(falseAlarms),
      heldOut: alarms(held, falseAlarms),
      ...(generated.length > 0 && { detected: alarms(generated, falseAlarms) }),
    }));
    return {
      humanTexts: human.length,
      heldOutTexts: heldOut.length,
      machineTexts: generated.length,
      leastPValue,
      ...(generated.length > 0 && { auroc: auroc(generated, [...this.#human, ...held]) }),
      rates,
    };
  }

  /** Scores, settings and hashes of models, but no texts: for `JSON.stringify` and `readCalibration`. */
  toJSON(): CalibrationData {
    return this.#data;
  }

  async #score(text: string, signal: AbortSignal | undefined): Promise<number> {
    if (this.#detector !== undefined) return scoreOf(this.#detector, text, { signal });
    throw new Gpt2Error(
      'invalid-option',
      'the calibration was read without its detector; give its models or function to readCalibration, or a score',
    );
  }

  /** Number of human texts that look at least as much like a machine's. */
  #asExtreme(score: number): number {
    const signed = this.#data.machineIs === 'higher' ? score : -score;
    return this.#human.length - countBelow(this.#human, signed, false);
  }

  /** Most human texts at least as extreme as a text with an alarm. */
  #mostAlarms(falseAlarms: number): number {
    if (!(typeof falseAlarms === 'number' && falseAlarms > 0 && falseAlarms < 1)) {
      throw invalidOption('falseAlarms', falseAlarms, 'a number above 0 and below 1');
    }
    const count = this.#human.length;
    const most = Math.floor(falseAlarms * (count + 1) + ROUNDING) - 1;
    if (most >= 0) return Math.min(most, count - 1);
    const needed = Math.ceil(1 / falseAlarms - ROUNDING) - 1;
    throw new Gpt2Error(
      'invalid-option',
      `falseAlarms is ${falseAlarms}, and half of the human texts are ${count}; they must be ${needed}, so give ${2 * needed} human texts, or a larger share`,
    );
  }

  #towardsMachine(scores: readonly number[]): Float64Array {
    const sign = this.#data.machineIs === 'higher' ? 1 : -1;
    return Float64Array.from(scores, (score) => sign * score);
  }
}
