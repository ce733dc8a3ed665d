import * as v from 'valibot';
import { hintFor, show } from '../base/check_options.js';
import { ApiError } from './api_error.js';
import { inWireTerms, optionOf } from './wire_names.js';

/** A request's parameters: the messages of a schema say what would be right. */
export type RequestSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;

/** Parameters in which somebody may write a text of their own at another place: messages do not repeat it. */
const HAVE_TEXTS: ReadonlySet<unknown> = new Set([
  ...['prompt', 'messages', 'input', 'text', 'content', 'suffix', 'stop', 'chosen', 'rejected', 'completion'],
  ...['tools', 'response_format', 'tokens', 'chat_template_kwargs', 'metadata', 'prediction'],
]);

/** The checked parameters of a request to `path`. Throws an ApiError that names the first wrong one. */
export function parseRequest<S extends RequestSchema>(
  schema: S,
  body: unknown,
  path: string,
): v.InferOutput<S> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ApiError(400, `the body is ${show(body, true)}; it must be a JSON object`, {
      code: 'invalid_type',
    });
  }
  const result = v.safeParse(schema, body, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const keys = issue.path!.map(({ key }) => key);
  const param = paramAt(keys);
  if (issue.type === 'never') {
    const message = `${param} is not supported: ${issue.message}`;
    throw new ApiError(400, message, { param, code: 'unsupported_parameter' });
  }
  // Valibot expects nothing at keys that a schema lacks.
  if (issue.expected === 'never') {
    const message = `${param} is not a parameter of ${path}; ${hint(keys, schema)}`;
    throw new ApiError(400, message, { param, code: 'unknown_parameter' });
  }
  // JSON has no such value.
  if (issue.input === undefined) {
    const right = issue.type === 'strict_object' ? schemaAt(keys, schema)?.message : issue.message;
    const message =
      typeof right === 'string' ? `${param} is missing; it must be ${right}` : `${param} is missing`;
    throw new ApiError(400, message, { param, code: 'missing_parameter' });
  }
  const message = `${param} is ${show(issue.input, HAVE_TEXTS.has(keys[0]))}; it must be ${issue.message}`;
  throw new ApiError(400, message, { param, code: 'invalid_value' });
}

/** What the names of the object are in which an unknown one is. */
function hint(keys: readonly unknown[], schema: RequestSchema): string {
  const name = paramAt(keys.slice(-1));
  const known = Object.keys(schemaAt(keys.slice(0, -1), schema)?.entries ?? {});
  if (known.length === 0) return 'leave it out';
  const text = inWireTerms(hintFor(optionOf(name), known.map(optionOf)));
  return text.replace('the options are', keys.length === 1 ? 'the parameters are' : 'the names are');
}

/** What is read of any schema. */
interface SchemaPart {
  readonly message?: unknown;
  readonly entries?: Readonly<Record<string, SchemaPart>>;
  /** Of the items of an array. */
  readonly item?: SchemaPart;
  /** Of a value that may be left out. */
  readonly wrapped?: SchemaPart;
}

/** The schema of a value in a request; undefined where several would do. */
function schemaAt(keys: readonly unknown[], schema: RequestSchema): SchemaPart | undefined {
  let part: SchemaPart | undefined = schema as SchemaPart;
  for (const key of keys) {
    const { entries = {}, item }: SchemaPart = part;
    part = typeof key === 'number' ? item : Object.hasOwn(entries, `${key}`) ? entries[`${key}`] : undefined;
    if (part === undefined) return undefined;
    part = part.wrapped ?? part;
  }
  return part;
}

/** Characters of a name that messages repeat. */
const LONGEST_NAME = 100;

/** `stop[0]`, `stream_options.include_usage`; `""` for a name without letters. */
function paramAt([first, ...rest]: readonly unknown[]): string {
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
