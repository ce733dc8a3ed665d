import { counted } from '../../base/counted.js';
import type {
  CalibratedRate,
  Calibration,
  CalibrationReport,
  Verdict,
} from '../../examine/detectors/calibration.js';
import type { Detectors } from '../../examine/detectors/detectors.js';
import type { ShareEstimate } from '../../examine/statistics/estimates.js';

const ONE_MODEL = ['likelihood', 'rank', 'logRank', 'lrr', 'entropy', 'curvature'] as const;
const TWO_MODELS = ['observerCurvature', 'binoculars'] as const;

const row = (cells: readonly string[]) => `${cells.join('\t')}\n`;

const number = (value: number | undefined) => value?.toFixed(4) ?? '-';

/** The names of the columns of `measureRow`. */
export function measureHeader(hasObserver: boolean): string {
  return row([...ONE_MODEL, ...(hasObserver ? TWO_MODELS : []), 'tokens', 'text']);
}

export function measureRow(measures: Detectors, hasObserver: boolean, text: string): string {
  const names = [...ONE_MODEL, ...(hasObserver ? TWO_MODELS : [])];
  return row([...names.map((name) => number(measures[name])), String(measures.tokens), text]);
}

/** The names of the columns of `verdictRow`. */
export const VERDICT_HEADER: string = row(['p-value', 'alarm', 'score', 'length', 'text']);

export function verdictRow({ pValue, isAlarm, score, isLengthCovered }: Verdict, text: string): string {
  const length = isLengthCovered ? 'covered' : 'not covered';
  return row([pValue.toFixed(4), isAlarm ? 'yes' : 'no', number(score), length, text]);
}

const percent = (share: number) => `${Number((100 * share).toFixed(1))} %`;

function estimate({ share, interval: [low, high] }: ShareEstimate): string {
  return `${percent(share)} (${percent(low)} to ${percent(high)})`;
}

/** The report of a calibration as text. */
export function reportText(calibration: Calibration, report: CalibrationReport): string {
  const { detector, machineIs } = calibration.toJSON();
  const { humanTexts, heldOutTexts, machineTexts, auroc, rates } = report;
  const used = `${counted(humanTexts, 'human text')} for thresholds, ${heldOutTexts} held out`;
  const lines = [
    `${detector?.measure}: ${machineIs} values speak for a machine`,
    `${used}, ${counted(machineTexts, 'machine text')}`,
    ...(auroc === undefined ? [] : [`AUROC ${auroc.toFixed(3)} (0.5 is chance)`]),
    ...rates.map(rateText),
    ...(rates.length > 0 ? [] : ['too few human texts for a threshold: 10 % of false alarms need 18']),
  ];
  return `${lines.join('\n')}\n`;
}

function rateText({ falseAlarms, threshold, heldOut, detected }: CalibratedRate): string {
  const found = detected ? `; ${estimate(detected)} of machine texts detected` : '';
  const held = `${estimate(heldOut)} of held-out human texts`;
  return `for ${percent(falseAlarms)} of false alarms: threshold ${threshold.toFixed(4)}, alarms for ${held}${found}`;
}
