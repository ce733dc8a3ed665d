import * as v from 'valibot';
import { ApiError } from '../api_error.js';
import type { TokenTexts } from '../models/token_texts.js';
import { flag, optional, parseRequest, text } from '../parse_request.js';
import type { Route } from '../route.js';

const SCHEMA = v.strictObject({
  model: optional(text),
  prompt: optional(text),
  content: optional(text),
  parse_special: optional(flag),
  add_special_tokens: optional(flag),
  add_special: optional(flag),
  with_pieces: optional(flag),
});

/**
 * Token ids of a text: `prompt`, as vLLM calls it, or `content`, as llama.cpp does. Special tokens in the text become
 * their ids unless `parse_special` is false. GPT-2's tokenizer adds no tokens to a text.
 */
export const tokenize: Route = {
  method: 'POST',
  path: '/tokenize',
  async answer({ body, models }) {
    const request = parseRequest(SCHEMA, await body(), this.path);
    const { prompt, content, parse_special, with_pieces } = request;
    const wrong = (param: string, message: string, code: string) =>
      new ApiError(400, message, { param, code });
    if (typeof prompt === 'string' && typeof content === 'string') {
      throw wrong('content', 'content is another name of prompt; give one of them', 'invalid_value');
    }
    const given = prompt ?? content;
    if (typeof given !== 'string') {
      throw wrong('prompt', 'prompt is missing; it must be a string', 'missing_parameter');
    }
    const { model, texts } = await models.get(request.model);
    const ids = model.tokenizer.encode(given, { allowedSpecial: parse_special === false ? 'none' : 'all' });
    return Response.json({
      count: ids.length,
      max_model_len: model.config.contextLength,
      tokens: with_pieces ? pieces(ids, texts) : ids,
    });
  },
};

/** Tokens that are listed with their pieces: some 9 MB of JSON. */
const MOST_PIECES = 2 ** 18;

/** Tokens of the same id share an entry. */
function pieces(ids: readonly number[], texts: TokenTexts): readonly object[] {
  if (ids.length > MOST_PIECES) {
    const message = `the text has ${ids.length} tokens; at most ${MOST_PIECES} are listed with their pieces`;
    throw new ApiError(400, message, { param: 'with_pieces', code: 'too_many_tokens' });
  }
  const known = new Map<number, object>();
  return ids.map((id) => {
    const entry = known.get(id) ?? { id, piece: texts.labelOf(id) };
    known.set(id, entry);
    return entry;
  });
}
