import { Gpt2Error } from '../../base/errors.js';
import { isJsonObject, type JsonObject } from '../../files/json_object.js';
import type { MeasureSettings } from './detector.js';
import { MEASURES, type ScoreDirection } from './measures.js';

/** The JSON of a calibration. */
export interface CalibrationData {
  /** What the JSON is, and its version. */
  readonly format: 'gpt2-wasm calibration 1';
  /** The measure with its settings; absent if the detector is a function. */
  readonly detector?: MeasureSettings | undefined;
  /** Hashes of the measure's models. */
  readonly models?: readonly string[] | undefined;
  /** Whether higher or lower scores speak for a machine. */
  readonly machineIs: ScoreDirection;
  /** Seed of the split. */
  readonly seed: number;
  /** Lengths of the human texts, in UTF-16 units. */
  readonly lengths: {
    /** Of the shortest one. */
    readonly least: number;
    /** Of the longest one. */
    readonly most: number;
  };
  /** Scores of the half that gives thresholds and p-values. */
  readonly human: readonly number[];
  /** Scores of the other half. */
  readonly heldOut: readonly number[];
  /** Scores of machine texts. */
  readonly machine?: readonly number[] | undefined;
}

/** Changes when a later version cannot be read as this one. */
export const FORMAT: CalibrationData['format'] = 'gpt2-wasm calibration 1';
/** Most scores of a list; many more than anybody calibrates with. */
const MOST_SCORES = 1_000_000;

/** Checks data of an untrusted file. Throws `invalid-file`. */
export function checkedData(json: unknown): CalibrationData {
  if (!isJsonObject(json) || json.format !== FORMAT) {
    throw new Gpt2Error('invalid-file', `the calibration must be an object with "format": "${FORMAT}"`);
  }
  const { machineIs, seed, lengths, human, heldOut, machine } = json;
  check('machineIs', machineIs === 'higher' || machineIs === 'lower', '"higher" or "lower"');
  check('seed', isCount(seed), 'a whole number from 0');
  check(
    'lengths',
    isJsonObject(lengths) && isCount(lengths.least) && isCount(lengths.most) && lengths.least <= lengths.most,
    'two whole numbers, least not above most',
  );
  checkScores('human', human);
  checkScores('heldOut', heldOut);
  if (machine !== undefined) checkScores('machine', machine);
  const { least, most } = lengths as unknown as CalibrationData['lengths'];
  return {
    ...{ format: FORMAT, ...detectorIn(json), machineIs, seed, lengths: { least, most }, human, heldOut },
    ...(machine !== undefined && { machine }),
  } as CalibrationData;
}

/** The measure and its models. */
function detectorIn(json: JsonObject): Pick<CalibrationData, 'detector' | 'models'> {
  const { detector, models } = json;
  if (detector === undefined) return {};
  const { measure, start, stride } = isJsonObject(detector) ? detector : {};
  const isMeasure = typeof measure === 'string' && Object.hasOwn(MEASURES, measure);
  check('detector.measure', isMeasure, 'the name of a measure');
  check('detector.start', start === undefined || typeof start === 'boolean', 'true or false');
  check('detector.stride', stride === undefined || (isCount(stride) && stride >= 1), 'a whole number from 1');
  const areHashes = Array.isArray(models) && models.every((hash) => typeof hash === 'string');
  check('models', areHashes && models.length >= 1 && models.length <= 2, 'one or two hashes');
  const settings = {
    measure,
    ...(start !== undefined && { start }),
    ...(stride !== undefined && { stride }),
  };
  return { detector: settings as MeasureSettings, models: models as string[] };
}

function checkScores(name: string, scores: unknown): void {
  const isList = Array.isArray(scores) && scores.length >= 1 && scores.length <= MOST_SCORES;
  const right = `a list of 1 to ${MOST_SCORES} finite numbers`;
  check(name, isList && scores.every((score) => Number.isFinite(score)), right);
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function check(name: string, isRight: boolean, right: string): void {
  if (!isRight) throw new Gpt2Error('invalid-file', `${name} of the calibration must be ${right}`);
}
