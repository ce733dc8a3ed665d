import type { FormatDefinition } from '../../generate/constraints/format.js';
import type { GenerateOptions } from '../../generate/options.js';
import { ApiError } from '../api_error.js';
import { WIRE_NAMES, type WireName } from '../wire_names.js';
import type { CompletionRequest } from './request.js';

/** The parameters of a request that are options of a generation. */
export type OptionParameters = Pick<CompletionRequest, WireName>;

/** The parameters that give the form of a text. */
export type FormParameters = Pick<
  CompletionRequest,
  'grammar' | 'guided_json' | 'guided_regex' | 'guided_choice'
>;

/** The form of a text, and the parameter that gives it. */
export interface Form {
  readonly param: string;
  readonly definition: FormatDefinition;
}

/** OpenAI's defaults where they differ from the library's. */
const DEFAULTS = { maxTokens: 16, temperature: 1, topP: 1 };

const SEEDS = 2 ** 53;

/** Values that mean something else in the library. */
const CONVERTED: { readonly [K in WireName]?: (value: NonNullable<CompletionRequest[K]>) => unknown } = {
  // vLLM's -1 turns it off.
  top_k: (value) => Math.max(0, value),
  // OpenAI's seeds may be negative or larger than the library's, which have 53 bits.
  seed: (value) => (value % SEEDS) + (value % SEEDS < 0 ? SEEDS : 0),
};

/** The options of a request that are the library's, but for the form of the text. */
export function generationOptions(request: OptionParameters): GenerateOptions {
  const options: Record<string, unknown> = { ...DEFAULTS };
  for (const [name, option] of Object.entries(WIRE_NAMES)) {
    const value = request[name as WireName];
    if (value === null || value === undefined) continue;
    const convert = CONVERTED[name as WireName] as ((value: unknown) => unknown) | undefined;
    options[option] = convert === undefined ? value : convert(value);
  }
  return options;
}

/** The parameter that gives the form of the text, and the form. Throws an ApiError if there are two. */
export function formatOf({
  grammar,
  guided_json,
  guided_regex,
  guided_choice,
}: FormParameters): Form | undefined {
  const forms = { grammar, guided_json, guided_regex, guided_choice };
  const given = Object.entries(forms).filter(([, value]) => value !== null && value !== undefined);
  if (given.length > 1) throw severalForms(given.map(([name]) => name));
  const [param] = given[0] ?? [];
  if (param === undefined) return undefined;
  if (typeof grammar === 'string') return { param, definition: { grammar } };
  if (typeof guided_regex === 'string') return { param, definition: { regex: guided_regex } };
  if (guided_choice) return { param, definition: { choices: guided_choice } };
  return { param, definition: { jsonSchema: schemaOf(guided_json!) } };
}

/** The error for a text that is given several forms. */
export function severalForms(params: readonly string[]): ApiError {
  return new ApiError(400, `a text has one form; give one of ${params.join(' and ')}`, {
    ...{ param: params[1], code: 'invalid_value' },
  });
}

/** vLLM takes schemas as JSON, or as a text of it. */
function schemaOf(given: string | boolean | object): object | boolean {
  if (typeof given !== 'string') return given;
  try {
    return JSON.parse(given);
  } catch (cause) {
    throw new ApiError(400, 'guided_json is a string that is no JSON; it must be a JSON schema', {
      ...{ param: 'guided_json', code: 'invalid_value', cause },
    });
  }
}
