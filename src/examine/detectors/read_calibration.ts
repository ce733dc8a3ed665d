import { checkOptionNames } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { parseJson } from '../../files/json.js';
import { Calibration } from './calibration.js';
import { type CalibrationData, checkedData } from './calibration_data.js';
import {
  checkDetector,
  type Detector,
  type DetectorFunction,
  type DetectorModels,
  modelHashes,
} from './detector.js';

/**
 * The calibration that `JSON.stringify` wrote, from its text or bytes, which may come from anybody. To judge texts, and
 * not only scores, give the models of its measure, or the function that was calibrated, which is not checked.
 *
 * Throws `invalid-file` for a damaged file; `invalid-option` for other models or weights than those of the
 * calibration, and for a function in place of models.
 */
export async function readCalibration(
  json: string | Uint8Array,
  detector?: DetectorModels | DetectorFunction,
): Promise<Calibration> {
  const data = checkedData(parseJson(json, 'the calibration'));
  return new Calibration(data, detector && (await detectorOf(data, detector)));
}

async function detectorOf(
  { detector: settings, models: hashes }: CalibrationData,
  given: DetectorModels | DetectorFunction,
): Promise<Detector> {
  if (typeof given === 'function') {
    if (settings === undefined) return given;
    throw new Gpt2Error(
      'invalid-option',
      `the calibration is for the measure ${settings.measure}; give its models`,
    );
  }
  checkOptionNames('readCalibration', given, ['model', 'observer']);
  if (settings === undefined) {
    throw new Gpt2Error(
      'invalid-option',
      'the calibration is for a function; give that function, not models',
    );
  }
  const detector = { ...settings, ...given };
  checkDetector(detector);
  const found = await modelHashes(settings.measure, given);
  const wrong = found.findIndex((hash, i) => hash !== hashes?.[i]);
  if (wrong === -1) return detector;
  throw new Gpt2Error(
    'invalid-option',
    `${wrong === 0 ? 'the model' : 'the observer'} is not that of the calibration, or has another weight format or context length`,
  );
}
