import * as v from 'valibot';
import { ApiError, asApiError } from '../api_error.js';
import { optional, parseRequest, text } from '../parse_request.js';
import type { Route } from '../route.js';

/** Characters of the text, which the answer has twice. */
const LONGEST_TEXT = 2 ** 22;

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
    let content: string;
    try {
      content = model.tokenizer.decode(tokens);
    } catch (error) {
      throw asApiError(error, 'tokens');
    }
    if (content.length > LONGEST_TEXT) {
      const message = `the text has ${content.length} characters, more than ${LONGEST_TEXT}; decode fewer tokens at once`;
      throw new ApiError(400, message, { param: 'tokens', code: 'too_many_tokens' });
    }
    return Response.json({ prompt: content, content });
  },
};
