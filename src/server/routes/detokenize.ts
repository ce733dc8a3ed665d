import * as v from 'valibot';
import { asApiError } from '../api_error.js';
import { optional, parseRequest, text } from '../parse_request.js';
import type { Route } from '../route.js';

const SCHEMA = v.strictObject({
  model: optional(text),
  tokens: v.custom<number[]>(
    (value) => Array.isArray(value) && value.every((id) => typeof id === 'number'),
    'an array of token ids',
  ),
});

/** The text of token ids, as `prompt` (vLLM) and as `content` (llama.cpp). */
export const detokenize: Route = {
  method: 'POST',
  path: '/detokenize',
  async answer({ body, models }) {
    const { model: name, tokens } = parseRequest(SCHEMA, await body(), this.path);
    const { model } = await models.get(name);
    try {
      const content = model.tokenizer.decode(tokens);
      return Response.json({ prompt: content, content });
    } catch (error) {
      throw asApiError(error, 'tokens');
    }
  },
};
