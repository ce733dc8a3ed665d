import { checkArray } from '../../base/check_lists.js';
import { checkNumber, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption, quotedList } from '../../base/check_options.js';
import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { eachText } from '../../generate/each_text.js';
import type { Work } from '../../model/remote_models.js';
import { permutation } from '../../train/data/shuffle.js';
import { Calibration } from './calibration.js';
import { FORMAT } from './calibration_data.js';
import { checkDetector, type Detector, type MeasureDetector, modelHashes, scoreOf } from './detector.js';
import { MEASURES, type ScoreDirection } from './measures.js';

/** How a detector is calibrated. */
export interface CalibrationOptions extends Work {
  /** Whether higher or lower scores speak for a machine. Default as `Detectors` says; for a function `higher`. */
  readonly machineIs?: ScoreDirection | undefined;
  /** Seed of the split of the human texts, an integer from 0 to 2^53 - 1: 0 by default. */
  readonly seed?: number | undefined;
}

const DIRECTIONS: readonly ScoreDirection[] = ['higher', 'lower'];
const OPTION_NAMES = Object.keys({
  machineIs: true,
  seed: true,
  signal: true,
  onProgress: true,
} satisfies Record<keyof CalibrationOptions, true>);

/**
 * Makes thresholds and p-values for a detector from texts of your own. Half of the human texts, drawn by the seed,
 * give them (as conformal p-values, Vovk et al. 2005: whatever the distribution of scores, at most that share of human
 * texts raises an alarm, on average over draws of such texts); the other half and the machine texts show how
 * good they are: `report`. Equal texts count once. For false alarms of 5 % at least 38 human texts are needed, for
 * 1 % 198, and many more to know a share of 1 % well.
 *
 * The texts must be like those that will be judged: same kind, language, length, time and authors.
 * `detectors` says what even such a verdict cannot do.
 *
 * Throws `invalid-option`, also for fewer than two human texts, and for a text that gets no finite score; `aborted`;
 * what a function throws. Progress counts texts. A function is called for one text at a time.
 */
export async function calibrate(
  detector: Detector,
  humanTexts: readonly string[],
  machineTexts: readonly string[] = [],
  options: CalibrationOptions = {},
): Promise<Calibration> {
  checkOptionNames('calibrate', options, OPTION_NAMES);
  checkDetector(detector);
  const isFunction = typeof detector === 'function';
  const { machineIs = isFunction ? 'higher' : MEASURES[detector.measure], seed = 0, ...work } = options;
  if (!DIRECTIONS.includes(machineIs)) throw invalidOption('machineIs', machineIs, quotedList(DIRECTIONS));
  checkNumber('seed', seed, whole(0));
  const human = distinct('humanTexts', humanTexts);
  const machine = distinct('machineTexts', machineTexts);
  if (human.length < 2) {
    throw new Gpt2Error(
      'invalid-option',
      `humanTexts has ${human.length} different texts; it must have two or more`,
    );
  }
  const scores = await scoresOf(detector, { humanTexts: human, machineTexts: machine }, work);
  const shuffled = Array.from(permutation(human.length, seed, 0), (i) => scores[i]!);
  const half = Math.ceil(human.length / 2);
  const lengths = human.map((text) => text.length);
  const data = {
    format: FORMAT,
    ...(!isFunction && (await ofMeasure(detector))),
    ...{ machineIs, seed },
    lengths: {
      least: lengths.reduce((a, b) => Math.min(a, b)),
      most: lengths.reduce((a, b) => Math.max(a, b)),
    },
    human: shuffled.slice(0, half),
    heldOut: shuffled.slice(half),
    ...(machine.length > 0 && { machine: scores.slice(human.length) }),
  } as const;
  return new Calibration(data, detector);
}

async function ofMeasure({ measure, start, stride, ...models }: MeasureDetector) {
  const settings = {
    measure,
    ...(start !== undefined && { start }),
    ...(stride !== undefined && { stride }),
  };
  return { detector: settings, models: await modelHashes(measure, models) };
}

/** The texts without repetitions. */
function distinct(name: string, texts: readonly string[]): string[] {
  const all: unknown = texts;
  checkArray(name, all, 'a list of texts', (text) => typeof text === 'string');
  return [...new Set(texts)];
}

/** Scores of all texts in the order of the lists. An error names its text. */
async function scoresOf(
  detector: Detector,
  lists: Readonly<Record<string, readonly string[]>>,
  { signal, onProgress }: Work,
): Promise<number[]> {
  const named = Object.entries(lists).flatMap(([name, texts]) => texts.map((text) => ({ name, text })));
  const scores: number[] = [];
  const add = (score: number) => {
    scores.push(score);
    onProgress?.({ done: scores.length, total: named.length });
  };
  const score = ({ name, text }: (typeof named)[number]) =>
    scoreOf(detector, text, { signal }).catch((error) => {
      throw aboutText(error, name, text);
    });
  if (typeof detector !== 'function') {
    for await (const each of eachText(named, ({ text }) => text, signal, score)) add(each);
    return scores;
  }
  for (const each of named) {
    throwIfAborted(signal, 'calibrating');
    add(await score(each));
  }
  return scores;
}

function aboutText(error: unknown, name: string, text: string): unknown {
  if (!(error instanceof Gpt2Error && error.code === 'invalid-option')) return error;
  const shown = JSON.stringify(text.slice(0, 40));
  return new Gpt2Error(error.code, `${name}, the text ${shown}: ${error.message}`, { cause: error });
}
