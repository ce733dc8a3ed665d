import * as v from 'valibot';
import { nextTask } from '../../base/next_task.js';
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
      tokens: with_pieces ? await pieces(ids, texts) : ids,
    });
  },
};

/** Tokens after which others have their turn. */
const TURN = 10_000;

async function pieces(ids: readonly number[], texts: TokenTexts): Promise<object[]> {
  const all: object[] = [];
  for (const id of ids) {
    if (all.length % TURN === TURN - 1) await nextTask();
    all.push({ id, piece: texts.labelOf(id) });
  }
  return all;
}
