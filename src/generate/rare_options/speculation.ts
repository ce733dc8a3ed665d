import { invalidOption } from '../../base/check_options.js';
import { loadedModels } from '../loaded_models.js';
import { type Check, oneOf } from '../option_checks.js';
import type { DraftModel } from '../options.js';

const draft: Check<DraftModel> = (name, value) => {
  if (loadedModels.has(value as DraftModel)) return value as DraftModel;
  throw invalidOption(name, value, 'a model of loadModel');
};

/** Options of speculation. */
export const SPECULATION_CHECKS = { speculate: oneOf('prompt'), draft };
