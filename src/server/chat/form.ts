import { show } from '../../base/check_options.js';
import { ApiError } from '../api_error.js';
import { type Form, formatOf, severalForms } from '../completions/generation_options.js';
import type { ChatRequest } from './request.js';

/** What the answer to a chat must be. */
export interface AnswerForm {
  /** The form of its text; undefined: any. */
  readonly form: Form | undefined;
  /** The function that the answer calls: its text is the function's arguments. */
  readonly tool: string | undefined;
}

/** The form of a chat's answer. Throws an ApiError if a request gives several, or tools that the model must choose of. */
export function answerForm(request: ChatRequest): AnswerForm {
  const tool = toolForm(request);
  const forms = [formatOf(request), responseForm(request), tool?.form].filter((form) => form !== undefined);
  if (forms.length > 1) throw severalForms(forms.map(({ param }) => param));
  return { form: forms[0], tool: tool?.name };
}

function responseForm({ response_format: format }: ChatRequest): Form | undefined {
  if (format?.type === 'json_object') {
    return { param: 'response_format', definition: { jsonSchema: { type: 'object' } } };
  }
  if (format?.type !== 'json_schema') return undefined;
  const jsonSchema = format.json_schema.schema ?? {};
  return { param: 'response_format.json_schema.schema', definition: { jsonSchema } };
}

/** Schema of the arguments of a function without parameters. */
const NO_PARAMETERS = { type: 'object', properties: {}, additionalProperties: false };

function toolForm({ tools, tool_choice }: ChatRequest): { name: string; form: Form } | undefined {
  const all = tools ?? [];
  const choice = tool_choice ?? (all.length > 0 ? 'auto' : 'none');
  const wrong = (message: string, code: string) => new ApiError(400, message, { param: 'tool_choice', code });
  if (choice === 'none' || (choice === 'auto' && all.length === 0)) return undefined;
  if (choice === 'auto' || (choice === 'required' && all.length > 1)) {
    const right = '{"type": "function", "function": {"name": "..."}}';
    const message = `tool_choice is ${show(choice)}: the model does not choose among tools; name one by ${right}`;
    throw wrong(message, 'unsupported_value');
  }
  const index =
    choice === 'required' ? 0 : all.findIndex((tool) => tool.function.name === choice.function.name);
  const chosen = all[index];
  if (chosen === undefined) {
    const given = choice === 'required' ? choice : choice.function.name;
    const names = all.map((tool) => show(tool.function.name));
    const right = names.length === 0 ? 'there are no tools' : `the tools are ${names.join(', ')}`;
    throw wrong(`tool_choice is ${show(given)}, but ${right}`, 'invalid_value');
  }
  const { name, parameters } = chosen.function;
  const jsonSchema = parameters ?? NO_PARAMETERS;
  return { name, form: { param: `tools[${index}].function.parameters`, definition: { jsonSchema } } };
}
