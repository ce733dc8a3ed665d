import * as v from 'valibot';
import { GENERATION_ENTRIES, MOST } from '../completions/request.js';
import { flag, MOST_LOGPROBS, object, optional, text, unsupported, whole } from '../parse_request.js';
import { SERVICE_ENTRIES } from './service_parameters.js';

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'] as const;

const part = v.strictObject(
  {
    ...{ type: v.literal('text', '"text": the model reads nothing else'), text },
    prompt_cache_breakpoint: optional(object),
  },
  'a part of a text, {"type": "text", "text": "..."}',
);

const message = v.strictObject(
  {
    role: v.picklist(
      ROLES,
      ROLES.map((role) => `"${role}"`)
        .join(', ')
        .replace(/,(?=[^,]*$)/, ' or'),
    ),
    content: optional(
      v.union(
        [text, v.array(part)],
        'a string or an array of texts, {"type": "text", "text": "..."}: the model reads nothing else',
      ),
    ),
    // lm-evaluation-harness marks messages as such.
    type: optional(v.literal('text', '"text"')),
    name: optional(text),
    refusal: optional(text),
    tool_calls: optional(
      v.array(
        v.strictObject(
          {
            id: text,
            type: v.literal('function', '"function"'),
            function: v.strictObject({ name: text, arguments: text }, 'a name and arguments'),
          },
          'a call of a function',
        ),
        'an array of calls',
      ),
    ),
    tool_call_id: optional(text),
    // Answers of OpenAI's models, which clients send back, have these.
    annotations: optional(v.array(object, 'an array')),
    audio: unsupported('the model reads texts alone'),
    function_call: unsupported('tool_calls take its place'),
  },
  'a message, an object with role and content',
);

const tool = v.strictObject(
  {
    type: v.literal('function', '"function"'),
    function: v.strictObject(
      { name: text, description: optional(text), parameters: optional(object), strict: optional(flag) },
      'an object with the name and the parameters of a function',
    ),
  },
  'a function, {"type": "function", "function": {"name": "...", "parameters": {...}}}',
);

const responseFormat = v.variant(
  'type',
  [
    v.strictObject({ type: v.literal('text') }),
    v.strictObject({ type: v.literal('json_object') }),
    v.strictObject({
      type: v.literal('json_schema'),
      json_schema: v.strictObject(
        {
          name: optional(text),
          description: optional(text),
          schema: optional(object),
          strict: optional(flag),
        },
        'an object with a schema',
      ),
    }),
  ],
  // The issue is about the type if it has a path.
  ({ path }) =>
    `${path === undefined ? 'an object whose type is ' : ''}"text", "json_object" or "json_schema"`,
);

const toolChoice = v.union(
  [
    v.picklist(['none', 'auto', 'required']),
    v.strictObject({ type: v.literal('function'), function: v.strictObject({ name: text }) }),
  ],
  '"none", "auto", "required" or {"type": "function", "function": {"name": "..."}}',
);

/** The parameters of `/v1/chat/completions`. */
export const CHAT_SCHEMA = v.strictObject({
  model: optional(text),
  messages: v.pipe(
    v.array(message, 'an array of messages'),
    v.minLength(1, 'an array of at least one message'),
  ),
  max_tokens: optional(whole(1, MOST)),
  max_completion_tokens: optional(whole(1, MOST)),
  ...GENERATION_ENTRIES,
  logprobs: optional(flag),
  top_logprobs: optional(whole(0, MOST_LOGPROBS)),
  response_format: optional(responseFormat),
  tools: optional(v.array(tool, 'an array of functions')),
  tool_choice: optional(toolChoice),
  ...SERVICE_ENTRIES,
  add_generation_prompt: optional(flag),
  continue_final_message: optional(flag),
  chat_template_kwargs: optional(object),
});

export type ChatRequest = v.InferOutput<typeof CHAT_SCHEMA>;
export type ChatMessage = ChatRequest['messages'][number];
export type ChatTool = NonNullable<ChatRequest['tools']>[number];
