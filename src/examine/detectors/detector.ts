import { checkOptionNames, invalidOption, quotedList } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { Work } from '../../model/remote_models.js';
import type { AnyModel } from '../any_model.js';
import { runOperation } from '../run_operation.js';
import { detectors } from './detectors.js';
import { MEASURES, type MeasureName, OF_TWO_MODELS } from './measures.js';

/** A measure of `detectors`. */
export interface MeasureSettings {
  /** Which of the measures is the score. */
  readonly measure: MeasureName;
  /** As in `detectors`. */
  readonly start?: boolean | undefined;
  /** As in `detectors`. */
  readonly stride?: number | undefined;
}

/** The models of a measure. */
export interface DetectorModels {
  /** The model that reads the texts. */
  readonly model: AnyModel;
  /** For `observerCurvature` and `binoculars`. */
  readonly observer?: AnyModel | undefined;
}

/** A measure with its models. */
export interface MeasureDetector extends MeasureSettings, DetectorModels {}

/** Any other detector, such as a classifier. */
export type DetectorFunction = (text: string) => number | Promise<number>;

/** Gives a text a score. */
export type Detector = MeasureDetector | DetectorFunction;

const MEASURE_NAMES = Object.keys(MEASURES) as MeasureName[];

/** Throws `invalid-option`. */
export function checkDetector(detector: Detector): void {
  if (typeof detector === 'function') return;
  checkOptionNames('a detector', detector, ['measure', 'model', 'observer', 'start', 'stride']);
  const { measure, observer } = detector;
  if (!MEASURE_NAMES.includes(measure)) throw invalidOption('measure', measure, quotedList(MEASURE_NAMES));
  if (OF_TWO_MODELS.includes(measure) && observer === undefined) {
    throw new Gpt2Error('invalid-option', `the measure ${measure} needs a second model: set observer to one`);
  }
}

/** Throws `invalid-option` for a text that gets no finite number. */
export async function scoreOf(detector: Detector, text: string, { signal }: Work): Promise<number> {
  const isFunction = typeof detector === 'function';
  const score = isFunction ? await detector(text) : await measured(detector, text, signal);
  if (typeof score === 'number' && Number.isFinite(score)) return score;
  const what = isFunction ? 'the detector' : detector.measure;
  throw new Gpt2Error(
    'invalid-option',
    `${what} gives ${score} for a text; calibration needs finite numbers`,
  );
}

async function measured(
  { measure, ...settings }: MeasureDetector,
  text: string,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const { model, observer, ...options } = settings;
  const second = OF_TWO_MODELS.includes(measure) ? { observer } : {};
  return (await detectors(model, text, { ...options, ...second, signal }))[measure];
}

/** Hashes of the models that a measure depends on. */
export async function modelHashes(
  measure: MeasureName,
  { model, observer }: DetectorModels,
): Promise<string[]> {
  const models = observer && OF_TWO_MODELS.includes(measure) ? [model, observer] : [model];
  const identities = await Promise.all(models.map((each) => runOperation(each, 'modelIdentity', {}, {})));
  return identities.map(({ model: hash, adapters }) => hash + adapters);
}
