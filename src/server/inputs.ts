import { nextTask } from '../base/next_task.js';
import { promptTokens } from '../generate/prompt.js';
import type { Model } from '../model/model.js';
import { ApiError, asApiError } from './api_error.js';
import type { Served } from './models/served.js';
import type { Input } from './parse_request.js';

/**
 * The tokens of a request's inputs, of which there may be `mostInputs`: one list for each, none empty and none longer
 * than `most`. `param` is their parameter. Throws an ApiError that names the wrong one.
 */
export async function inputTokens(
  inputs: Input | Input[],
  param: string,
  { model }: Served,
  mostInputs: number,
  most: number,
): Promise<number[][]> {
  const isList = isListOfInputs(inputs);
  const all = isList ? inputs : [inputs];
  checkCount(all, param, mostInputs);
  const tokens: number[][] = [];
  for (const [index, input] of all.entries()) {
    // Other requests go on while many texts are encoded.
    if (index > 0) await nextTask();
    const place = isList ? `${param}[${index}]` : param;
    const ids = idsOf(input, place, model);
    if (ids.length > most) throw tooLong(place, ids.length, most);
    tokens.push(ids);
  }
  return tokens;
}

/** Throws an ApiError if a request has more inputs than it may. */
export function checkCount(inputs: readonly unknown[], param: string, most: number): void {
  if (inputs.length <= most) return;
  const message = `${param} has ${inputs.length} texts; at most ${most} are taken at once`;
  throw new ApiError(400, message, { param, code: 'too_many_inputs' });
}

/** Log-probabilities that an answer may list: some 60 MB of JSON. */
const MOST_LISTED = 2 ** 21;

/** Throws an ApiError if `param` asks for more log-probabilities than an answer may list. */
export function checkListed(count: number, param: string): void {
  if (count <= MOST_LISTED) return;
  const message = `${param} asks for ${count} log-probabilities, more than ${MOST_LISTED}; ask for fewer at once`;
  throw new ApiError(400, message, { param, code: 'too_many_logprobs' });
}

function idsOf(input: Input, place: string, model: Model): number[] {
  try {
    return promptTokens(input, model.config, () => model.tokenizer, { advice: 'shorten it' });
  } catch (error) {
    const { status, message, code } = asApiError(error);
    throw new ApiError(status, `${place}: ${message}`, {
      param: place,
      code: code ?? undefined,
      cause: error,
    });
  }
}

const tooLong = (param: string, length: number, most: number) =>
  new ApiError(400, `${param} has ${length} tokens; the model's context takes ${most}; shorten it`, {
    ...{ param, code: 'context_length_exceeded' },
  });

/** An empty array is a prompt without tokens, as in the library, and not a list without prompts. */
const isListOfInputs = (inputs: Input | Input[]): inputs is Input[] =>
  Array.isArray(inputs) && inputs.length > 0 && typeof inputs[0] !== 'number';

/** How many tokens the lists have together. */
export const countOf = (lists: readonly (readonly number[])[]): number =>
  lists.reduce((sum, { length }) => sum + length, 0);
