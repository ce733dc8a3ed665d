import * as v from 'valibot';
import { flag, object, optional, text, unsupported } from '../parse_request.js';

/**
 * Parameters of OpenAI's chats that change no answer here: they say how OpenAI's service stores, bills and caches. Of
 * those that would change an answer, the value that does not.
 */
export const SERVICE_ENTRIES = {
  metadata: optional(object),
  modalities: optional(v.array(v.literal('text', '"text": the model writes nothing else'), 'an array')),
  parallel_tool_calls: optional(flag),
  prediction: optional(object),
  prompt_cache_key: optional(text),
  prompt_cache_options: optional(object),
  prompt_cache_retention: optional(text),
  reasoning_effort: optional(v.literal('none', '"none": the model does not reason')),
  safety_identifier: optional(text),
  service_tier: optional(text),
  store: optional(flag),
  verbosity: optional(v.literal('medium', '"medium": the model does not know how much to say')),
  audio: unsupported('the model writes texts alone'),
  function_call: unsupported('tool_choice takes its place'),
  functions: unsupported('tools take their place'),
  moderation: unsupported('/v1/moderations judges texts'),
  web_search_options: unsupported('the server searches nowhere'),
};
