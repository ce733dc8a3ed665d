import { checkOptionNames, invalidOption } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { idList } from '../../base/id_list.js';
import { isJsonObject } from '../../files/json_object.js';
import { loadedModels } from '../loaded_models.js';
import { type Check, list, nonEmpty, number } from '../option_checks.js';
import type { Expert, SelfDebiasing } from '../options.js';
import type { Prompt } from '../prompt.js';
import type { ResolvedDebiasing, ResolvedOptions } from '../resolved_options.js';

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

const scale = number(0, 100);
const debiasTexts = list('a text or an array of texts', nonEmpty);

/** A scale, or an object for self-debiasing. */
const guidance: Check<number | ResolvedDebiasing> = (name, value, config) => {
  if (!isJsonObject(value)) return scale(name, value, config);
  checkOptionNames(name, value, ['debias', 'decay', 'floor']);
  const { debias, decay = 50, floor = 0.01 } = value as Partial<SelfDebiasing>;
  const texts = debiasTexts(`${name}.debias`, typeof debias === 'string' ? [debias] : debias, config);
  if (texts.length === 0) throw invalidOption(`${name}.debias`, debias, 'one or more texts');
  return {
    debias: texts,
    decay: number(0, 1000)(`${name}.decay`, decay, config),
    floor: number(0, 1, true)(`${name}.floor`, floor, config),
  };
};

/** Options that let other contexts and models change the logits. */
export const GUIDANCE_CHECKS = {
  guidance,
  negativePrompt,
  experts: list('an array of { model, weight }', expert),
};

/** Throws `invalid-option`. */
export function checkGuidance({ guidance, negativePrompt, experts, inputs }: ResolvedOptions): void {
  if (negativePrompt !== undefined && guidance === 1) {
    throw new Gpt2Error('invalid-option', 'negativePrompt needs guidance; set guidance to 1.5, for example');
  }
  if (negativePrompt !== undefined && typeof guidance !== 'number') {
    throw new Gpt2Error(
      'invalid-option',
      'negativePrompt needs a number as guidance; leave debias or it out',
    );
  }
  if (inputs === undefined) return;
  if (typeof guidance !== 'number') {
    throw new Gpt2Error(
      'invalid-option',
      'guidance with debias needs a text or tokens as prompt; leave inputs out',
    );
  }
  if (experts.length > 0)
    throw new Gpt2Error('invalid-option', 'inputs are vectors of this model alone; leave experts out');
  if (guidance !== 1 && negativePrompt === undefined) {
    throw new Gpt2Error('invalid-option', 'guidance needs a negativePrompt beside inputs');
  }
}
