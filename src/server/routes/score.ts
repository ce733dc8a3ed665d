import * as v from 'valibot';
import { LogprobList } from '../completions/logprob_list.js';
import { scoredTokens } from '../completions/prompt_scores.js';
import { checkListed, countOf, inputTokens } from '../inputs.js';
import { inputs, MOST_LOGPROBS, optional, parseRequest, text, whole } from '../parse_request.js';
import type { Route } from '../route.js';

const SCHEMA = v.strictObject({
  model: optional(text),
  text: inputs,
  logprobs: optional(whole(0, MOST_LOGPROBS)),
  user: optional(text),
});

/**
 * How likely texts are, after the token that begins a text if the model has one. With `logprobs`, also each token, as
 * in completions.
 */
export const score: Route = {
  method: 'POST',
  path: '/v1/score',
  async answer({ body, models, limits, exchange }) {
    const request = parseRequest(SCHEMA, await body(), this.path);
    exchange.compute();
    const served = await models.get(request.model, request.user);
    const { contextLength } = served.model.config;
    const texts = await inputTokens(request.text, 'text', served, limits.inputs, contextLength);
    const top = request.logprobs ?? 0;
    const promptTokens = countOf(texts);
    if (typeof request.logprobs === 'number') checkListed(promptTokens * (1 + top), 'logprobs');
    const scores = await served.model.score(texts, { top, signal: exchange.signal });
    exchange.note({ model: served.name, promptTokens });
    const data = scores.map((score, index) => {
      const list = new LogprobList(served.texts);
      if (typeof request.logprobs === 'number') for (const token of scoredTokens(score)) list.add(token);
      return {
        ...{ object: 'score', index, tokens: score.tokens.length },
        ...{ logprob: score.sum, mean_logprob: score.mean, perplexity: score.perplexity },
        bits_per_byte: score.bitsPerByte ?? null,
        logprobs: typeof request.logprobs === 'number' ? list.take() : null,
      };
    });
    const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens };
    return Response.json({ object: 'list', model: served.name, data, usage });
  },
};
