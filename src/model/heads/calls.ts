import { checkNumber, whole } from '../../base/check_number.js';
import { checkOptionNames, invalidOption, quotedList } from '../../base/check_options.js';
import { loadedModels } from '../../generate/loaded_models.js';
import type { DraftModel } from '../../generate/options.js';
import type { Prompt } from '../../generate/prompt.js';
import { remoteModels } from '../remote_models.js';
import { type HeadArgs, type HeadOperation, headOperation } from './operations.js';
import {
  type Answer,
  type AnswerOptions,
  type ClassifyOptions,
  FUNCTIONS,
  type MultipleChoice,
  type MultipleChoiceOptions,
  type RewardOptions,
  type TagOptions,
} from './types.js';

/** Runs an operation where the model is. */
async function run<K extends HeadOperation>(
  model: object,
  name: K,
  args: HeadArgs<K>,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<unknown> {
  const remote = remoteModels.get(model);
  if (remote) return remote(name, args, { signal });
  return (await headOperation(name))(loadedModels.get(model as DraftModel)!, args as never, { signal });
}

/** As `BaseModel.classify`, for one text or several. */
export async function classify(
  model: object,
  input: unknown,
  options: ClassifyOptions = {},
): Promise<unknown> {
  checkOptionNames('classify', options, ['apply', 'separator', 'signal']);
  const { apply, separator } = options;
  if (apply !== undefined && !FUNCTIONS.includes(apply))
    throw invalidOption('apply', apply, quotedList(FUNCTIONS));
  checkSeparator(separator);
  return run(model, 'classify', { input: input as Prompt, apply, separator }, options);
}

/** As `BaseModel.tag`, for one text or several. */
export async function tag(model: object, input: unknown, options: TagOptions = {}): Promise<unknown> {
  checkOptionNames('tag', options, ['ignore', 'signal']);
  const { ignore } = options;
  if (ignore !== undefined && !(Array.isArray(ignore) && ignore.every((label) => typeof label === 'string')))
    throw invalidOption('ignore', ignore, 'an array of labels');
  return run(model, 'tag', { input: input as Prompt, ignore }, options);
}

/** As `BaseModel.answer`. */
export async function answer(
  model: object,
  question: Prompt,
  context: Prompt,
  options: AnswerOptions = {},
): Promise<Answer[]> {
  checkOptionNames('answer', options, ['top', 'maxTokens', 'window', 'stride', 'signal']);
  const { top, maxTokens, window, stride } = options;
  if (top !== undefined) checkNumber('top', top, whole(1, 100));
  if (maxTokens !== undefined) checkNumber('maxTokens', maxTokens, whole(1));
  if (window !== undefined) checkNumber('window', window, whole(2));
  if (stride !== undefined) checkNumber('stride', stride, whole(0));
  const args = { question, context, top, maxTokens, window, stride };
  return (await run(model, 'answer', args, options)) as Answer[];
}

/** As `BaseModel.multipleChoice`. */
export async function multipleChoice(
  model: object,
  choices: readonly Prompt[],
  options: MultipleChoiceOptions = {},
): Promise<MultipleChoice> {
  checkOptionNames('multipleChoice', options, ['at', 'signal']);
  const { at } = options;
  if (at !== undefined && !Array.isArray(at)) throw invalidOption('at', at, 'an array of token indices');
  return (await run(model, 'multipleChoice', { choices, at }, options)) as MultipleChoice;
}

/** As `BaseModel.reward`, for one text or several. */
export async function reward(model: object, input: unknown, options: RewardOptions = {}): Promise<unknown> {
  checkOptionNames('reward', options, ['separator', 'signal']);
  const { separator } = options;
  checkSeparator(separator);
  return run(model, 'reward', { input: input as Prompt, separator }, options);
}

function checkSeparator(separator: unknown): void {
  if (separator !== undefined && typeof separator !== 'string')
    throw invalidOption('separator', separator, 'a string');
}
