import * as v from 'valibot';
import { hintFor, show } from '../base/check_options.js';
import { ApiError } from './api_error.js';
import { inWireTerms, optionOf } from './wire_names.js';

/** A request's parameters: the messages of a schema say what would be right. */
export type RequestSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/** The checked parameters of a request to `path`. Throws an ApiError that names the first wrong one. */
export function parseRequest<S extends RequestSchema>(
  schema: S,
  body: unknown,
  path: string,
): v.InferOutput<S> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ApiError(400, `the body is ${show(body)}; it must be a JSON object`, { code: 'invalid_type' });
  }
  const result = v.safeParse(schema, body, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const param = paramAt(issue.path!);
  if (issue.type === 'never') {
    const message = `${param} is not supported: ${issue.message}`;
    throw new ApiError(400, message, { param, code: 'unsupported_parameter' });
  }
  // Valibot expects nothing at keys that a schema lacks.
  if (issue.expected === 'never') {
    const message = `${param} is not a parameter of ${path}; ${hint(param, schema)}`;
    throw new ApiError(400, message, { param, code: 'unknown_parameter' });
  }
  if (issue.type === 'strict_object' && issue.input === undefined) {
    const { message: right } = (schema.entries[param] ?? {}) as { readonly message?: string };
    const message = right === undefined ? `${param} is missing` : `${param} is missing; it must be ${right}`;
    throw new ApiError(400, message, { param, code: 'missing_parameter' });
  }
  const message = `${param} is ${show(issue.input)}; it must be ${issue.message}`;
  throw new ApiError(400, message, { param, code: 'invalid_value' });
}

function hint(param: string, { entries }: RequestSchema): string {
  const text = hintFor(optionOf(param), Object.keys(entries).map(optionOf));
  return inWireTerms(text).replace('the options are', 'the parameters are');
}

/** Characters of a name that messages repeat. */
const LONGEST_NAME = 100;

/** `stop[0]`, `stream_options.include_usage`; `""` for a name without letters. */
function paramAt(path: readonly v.IssuePathItem[]): string {
  const [first, ...rest] = path.map(({ key }) => key);
  const inner = rest.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`));
  return `${first === '' ? '""' : first}${inner.join('')}`.slice(0, LONGEST_NAME);
}

/** A parameter that may be left out or null. */
export const optional = <S extends v.GenericSchema>(schema: S) => v.nullish(schema);

/** A parameter of OpenAI's API that may only be left out or null, and why. */
export const unsupported = (why: string) => optional(v.never(why));

export const text = v.string('a string');
export const number = v.number('a number');
export const flag = v.boolean('true or false');
export const whole = (least: number, most: number) =>
  v.custom<number>(
    (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
    `a whole number from ${least} to ${most}`,
  );
export const object = v.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'an object',
);

/** Likeliest tokens that are listed at each place. */
export const MOST_LOGPROBS = 20;

/** A text or token ids. */
export type Input = string | number[];

const isInput = (value: unknown): value is Input =>
  typeof value === 'string' || (Array.isArray(value) && value.every((id) => typeof id === 'number'));

/** A text, token ids, or a list of these. Ids are checked when the model is known. */
export const inputs = v.custom<Input | Input[]>(
  (value) => isInput(value) || (Array.isArray(value) && value.every(isInput)),
  'a text, an array of token ids, or an array of texts or of arrays of token ids',
);
