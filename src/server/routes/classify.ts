import * as v from 'valibot';
import { unixTime } from '../../base/timers.js';
import { countOf, inputTokens } from '../inputs.js';
import { inputs, optional, parseRequest, text } from '../parse_request.js';
import type { Route } from '../route.js';

const SCHEMA = v.strictObject({
  model: optional(text),
  input: inputs,
  user: optional(text),
});

/**
 * The classes of texts, by a model with a head for sequence classification, in the form of vLLM's `/classify`: the
 * highest label, and a number for each label in the model's order.
 */
export const classify: Route = {
  method: 'POST',
  path: '/v1/classify',
  async answer({ body, models, limits, exchange }) {
    const request = parseRequest(SCHEMA, await body(), this.path);
    exchange.compute();
    const served = await models.get(request.model, request.user);
    const { contextLength } = served.model.config;
    const texts = await inputTokens(request.input, 'input', served, limits.inputs, contextLength);
    const classes = await served.model.classify(texts, { signal: exchange.signal });
    const promptTokens = countOf(texts);
    exchange.note({ model: served.name, promptTokens });
    return Response.json({
      ...{ id: `classify-${crypto.randomUUID()}`, object: 'list' },
      ...{ created: Math.floor(unixTime() / 1000), model: served.name },
      data: classes.map(({ label, scores }, index) => ({
        ...{ index, label, probs: scores.map(({ score }) => score), num_classes: scores.length },
        labels: scores.map((each) => each.label),
      })),
      usage: { prompt_tokens: promptTokens, total_tokens: promptTokens, completion_tokens: 0 },
    });
  },
};
