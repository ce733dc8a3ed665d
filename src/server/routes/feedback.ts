import * as v from 'valibot';
import { ApiError } from '../api_error.js';
import { noSuchModel } from '../models/served_models.js';
import { flag, optional, parseRequest, text } from '../parse_request.js';
import type { Route } from '../route.js';
import type { Feedback } from '../users/feedback.js';

const answer = v.pipe(text, v.minLength(1, 'a string that is not empty'));

const message = v.strictObject(
  { role: v.picklist(['system', 'user', 'assistant'], '"system", "user" or "assistant"'), content: text },
  'a message, an object with role and content',
);

const SCHEMA = v.strictObject({
  model: optional(text),
  user: answer,
  prompt: v.union(
    [text, v.pipe(v.array(message), v.minLength(1))],
    'a string, or an array of messages, objects with role and content',
  ),
  chosen: optional(answer),
  rejected: optional(answer),
  completion: optional(answer),
  label: optional(flag),
});

/** Keeps what a user says of answers: which of two is better, or a thumb for one, by the names of Hugging Face's TRL. */
export const feedback: Route = {
  method: 'POST',
  path: '/v1/feedback',
  async answer({ body, models: { names }, users, exchange }) {
    const request = parseRequest(SCHEMA, await body(), this.path);
    const keep = users?.feedback?.bind(users);
    if (keep === undefined) {
      throw new ApiError(404, 'this server keeps no feedback of users', { code: 'feedback_not_kept' });
    }
    const model = request.model ?? names[0]!;
    if (!names.includes(model)) throw noSuchModel(model, names);
    await exchange.awaited(keep(request.user, feedbackOf(request), model));
    exchange.note({ model });
    return Response.json({ object: 'feedback', model, user: request.user });
  },
};

function feedbackOf({ prompt, chosen, rejected, completion, label }: v.InferOutput<typeof SCHEMA>): Feedback {
  const isPair = typeof chosen === 'string' && typeof rejected === 'string';
  const isThumb = typeof completion === 'string' && typeof label === 'boolean';
  const given = [chosen, rejected, completion, label].filter(
    (value) => value !== undefined && value !== null,
  );
  if (given.length === 2 && isPair) {
    if (chosen !== rejected) return { prompt, chosen, rejected };
    const message = 'rejected is the same text as chosen; give another answer';
    throw new ApiError(400, message, { param: 'rejected', code: 'invalid_value' });
  }
  if (given.length === 2 && isThumb) return { prompt, completion, label };
  const message = 'feedback is chosen and rejected, or completion and label: give both of one pair';
  throw new ApiError(400, message, { code: 'invalid_value' });
}
