import * as v from 'valibot';
import { ApiError } from '../api_error.js';
import { countOf, inputTokens } from '../inputs.js';
import { inputs, optional, parseRequest, text, whole } from '../parse_request.js';
import type { Route } from '../route.js';

const SCHEMA = v.strictObject({
  model: optional(text),
  input: inputs,
  encoding_format: optional(v.picklist(['float', 'base64'], '"float" or "base64"')),
  dimensions: optional(whole(1, Number.MAX_SAFE_INTEGER)),
  user: optional(text),
});

/** Unit vectors: the mean of the final hidden states of each text. */
export const embeddings: Route = {
  method: 'POST',
  path: '/v1/embeddings',
  async answer({ body, models, limits, exchange }) {
    const request = parseRequest(SCHEMA, await body(), this.path);
    const { model: name, user, input, encoding_format, dimensions } = request;
    exchange.compute();
    const served = await models.get(name, user);
    const { channels, contextLength } = served.model.config;
    if (typeof dimensions === 'number' && dimensions !== channels) {
      const message = `dimensions is ${dimensions}; embeddings of this model have ${channels}`;
      throw new ApiError(400, message, { param: 'dimensions', code: 'invalid_value' });
    }
    const tokens = await inputTokens(input, 'input', served, limits.inputs, contextLength);
    const vectors = await served.model.embed(tokens, { normalize: true, signal: exchange.signal });
    const promptTokens = countOf(tokens);
    exchange.note({ model: served.name, promptTokens });
    const encode = encoding_format === 'base64' ? base64Of : (vector: Float32Array) => Array.from(vector);
    return Response.json({
      object: 'list',
      data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: encode(vector) })),
      model: served.name,
      usage: { prompt_tokens: promptTokens, total_tokens: promptTokens },
    });
  },
};

/** 32-bit numbers, little-endian, in base64. */
function base64Of(vector: Float32Array): string {
  const view = new DataView(new ArrayBuffer(4 * vector.length));
  for (const [i, value] of vector.entries()) view.setFloat32(4 * i, value, true);
  let bytes = '';
  for (let i = 0; i < view.byteLength; i++) bytes += String.fromCharCode(view.getUint8(i));
  return btoa(bytes);
}
