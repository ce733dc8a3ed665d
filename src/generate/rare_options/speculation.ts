import { invalidOption } from '../../base/check_options.js';
import { type Check, oneOf } from '../option_checks.js';
import type { DraftModel } from '../options.js';
import { draftables } from '../speculation/draft_models.js';

const draft: Check<DraftModel> = (name, value) => {
  if (draftables.has(value as DraftModel)) return value as DraftModel;
  throw invalidOption(name, value, 'a model of loadModel');
};

/** Options of speculation. */
export const SPECULATION_CHECKS = { speculate: oneOf('prompt'), draft };
