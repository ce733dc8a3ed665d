import { invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { idList } from '../../base/id_list.js';
import { loadedModels } from '../loaded_models.js';
import { type Check, list, number } from '../option_checks.js';
import type { Expert } from '../options.js';
import type { Prompt } from '../prompt.js';
import type { ResolvedOptions } from '../resolved_options.js';

const MOST_WEIGHT = 100;

const negativePrompt: Check<Prompt> = (name, value, { vocabSize }) =>
  typeof value === 'string' ? value : idList(value, name, 'a string or an array of token ids', vocabSize);

const expert: Check<Expert> = (name, value, config) => {
  const { model, weight } = (value ?? {}) as Partial<Expert>;
  if (model === undefined || !loadedModels.has(model)) {
    throw invalidOption(`${name}.model`, model, 'a model of loadModel, here and not in a worker');
  }
  return { model, weight: number(-MOST_WEIGHT, MOST_WEIGHT)(`${name}.weight`, weight, config) };
};

/** Options that let other contexts and models change the logits. */
export const GUIDANCE_CHECKS = {
  guidance: number(0, 100),
  negativePrompt,
  experts: list('an array of { model, weight }', expert),
};

/** Throws `invalid-option`. */
export function checkGuidance({ guidance, negativePrompt, experts, inputs }: ResolvedOptions): void {
  if (negativePrompt !== undefined && guidance === 1) {
    throw new Gpt2Error('invalid-option', 'negativePrompt needs guidance; set guidance to 1.5, for example');
  }
  if (inputs === undefined) return;
  if (experts.length > 0)
    throw new Gpt2Error('invalid-option', 'inputs are vectors of this model alone; leave experts out');
  if (guidance !== 1 && negativePrompt === undefined) {
    throw new Gpt2Error('invalid-option', 'guidance needs a negativePrompt beside inputs');
  }
}
