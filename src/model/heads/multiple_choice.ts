import type { Cancellation } from '../../base/cancellation.js';
import { invalidOption, show } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import { tanh } from '../../base/tanh.js';
import { allTexts } from '../../generate/each_text.js';
import type { LoadedModel } from '../../generate/loaded_models.js';
import type { Prompt } from '../../generate/prompt.js';
import { headRows } from './head_rows.js';
import { hiddenRows, placedText } from './placed_text.js';
import { largest, softmaxOf } from './probabilities.js';
import { headOf, type TaskHead } from './task_head.js';
import type { MultipleChoice, MultipleChoiceOptions } from './types.js';

/** Arguments of `multipleChoice`, which may cross to a worker. */
export interface MultipleChoiceArgs extends Omit<MultipleChoiceOptions, 'signal'> {
  readonly choices: readonly Prompt[];
}

const ACTIVATIONS: ReadonlyMap<unknown, (x: number) => number> = new Map([
  [undefined, (x: number) => x],
  ['tanh', tanh],
  ['relu', (x: number) => Math.max(0, x)],
]);

/** As `BaseModel.multipleChoice`, where the model is. */
export async function multipleChoiceHere(
  model: LoadedModel,
  { choices, at }: MultipleChoiceArgs,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<MultipleChoice> {
  const { head } = headOf(model.core, 'multiple_choice_head.summary');
  const activation = ACTIVATIONS.get(head.summary.activation);
  if (activation === undefined) throw notComputed('summary_activation', head.summary.activation);
  if (!Array.isArray(choices) || choices.length === 0)
    throw invalidOption('choices', choices, 'an array of at least one text');
  if (at !== undefined && at.length !== choices.length)
    throw invalidOption('at', at, `an array of ${choices.length} numbers, one for each choice`);
  const places = new Map(at?.map((place, i) => [i, place]));
  let index = 0;
  const all = await allTexts(choices, signal, (text, both) => {
    const place = places.get(index++);
    return logitOf(model, head, text as Prompt, place, both);
  });
  const logits = Float32Array.from(all, activation);
  return { index: largest(logits), probabilities: softmaxOf(logits), logits };
}

async function logitOf(
  model: LoadedModel,
  head: TaskHead,
  text: Prompt,
  at: number | undefined,
  signal: Cancellation | undefined,
): Promise<number> {
  const placed = placedText(model, text);
  const count = placed.tokens.length;
  if (at !== undefined && !(Number.isInteger(at) && at >= 0 && at < count))
    throw invalidOption('at', at, `the index of a token, 0 to ${count - 1}`);
  const { type } = head.summary;
  if (type === 'mean' && at === undefined) {
    return (await headRows(head, meanOf(await hiddenRows(model, placed, signal), count), signal))[0]!;
  }
  if (at === undefined && !['last', 'first', 'cls_index', 'mean'].includes(type as string))
    throw notComputed('summary_type', type);
  const from = at ?? (type === 'first' ? 0 : count - 1);
  return (await headRows(head, await hiddenRows(model, placed, signal, { from, count: 1 }), signal))[0]!;
}

/** The mean of T states [C]. */
function meanOf(states: Float32Array, count: number): Float32Array {
  const channels = states.length / count;
  const sums = new Float64Array(channels);
  for (let i = 0; i < states.length; i++) sums[i % channels]! += states[i]!;
  return Float32Array.from(sums, (sum) => sum / count);
}

const notComputed = (field: string, value: unknown) =>
  new Gpt2Error('unsupported', `${field} of config.json is ${show(value)}, which is not computed`);
