import * as v from 'valibot';
import { flag, inputs, MOST_LOGPROBS, number, object, optional, text, whole } from '../parse_request.js';

export const MOST = Number.MAX_SAFE_INTEGER;
/** OpenAI's seeds have 64 bits. */
const MOST_SEED = 2 ** 63;
/** Choices and candidates that a request may have; the limit of tokens holds too. */
const MOST_CHOICES = 128;

const texts = v.array(text, 'an array of strings');

/**
 * Parameters of all requests that continue texts. The library checks the values of those that it shares; a value of
 * null means the default.
 */
export const GENERATION_ENTRIES = {
  min_tokens: optional(number),
  temperature: optional(number),
  top_p: optional(number),
  top_k: optional(whole(-1, MOST)),
  min_p: optional(number),
  repetition_penalty: optional(number),
  frequency_penalty: optional(number),
  presence_penalty: optional(number),
  logit_bias: optional(object),
  stop: optional(v.union([text, texts], 'a string or an array of strings')),
  ignore_eos: optional(flag),
  seed: optional(whole(-MOST_SEED, MOST_SEED)),
  n: optional(whole(1, MOST_CHOICES)),
  grammar: optional(text),
  guided_json: optional(
    v.custom<string | boolean | object>(
      (value) => ['string', 'boolean', 'object'].includes(typeof value) && !Array.isArray(value),
      'a JSON schema',
    ),
  ),
  guided_regex: optional(text),
  guided_choice: optional(texts),
  stream: optional(flag),
  stream_options: optional(
    v.strictObject(
      {
        include_usage: optional(flag),
        include_obfuscation: optional(v.literal(false, 'false: events are not padded')),
      },
      'an object with include_usage',
    ),
  ),
  user: optional(text),
};

/** The parameters of `/v1/completions`. */
export const COMPLETION_SCHEMA = v.strictObject({
  model: optional(text),
  prompt: optional(inputs),
  suffix: optional(text),
  max_tokens: optional(whole(0, MOST)),
  ...GENERATION_ENTRIES,
  best_of: optional(whole(1, MOST_CHOICES)),
  echo: optional(flag),
  logprobs: optional(whole(0, MOST_LOGPROBS)),
  prompt_logprobs: optional(whole(0, MOST_LOGPROBS)),
});

export type CompletionRequest = v.InferOutput<typeof COMPLETION_SCHEMA>;
