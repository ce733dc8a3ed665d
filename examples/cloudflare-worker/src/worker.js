import { DurableObject } from 'cloudflare:workers';
import { loadModel } from 'gpt2-wasm';
import { createHandler } from 'gpt2-wasm/server';
import core from 'gpt2-wasm/wasm/simd.wasm';
import { r2Source } from './r2_source.js';

/**
 * Bytes of WebAssembly memory: GPT-2 124M in q4 takes 81 MB, and a text of 1,024 positions 20 MB; texts that do not fit
 * beside others wait. JavaScript takes up to 29 MB of the 128 of an isolate.
 */
const MAX_MEMORY = 101e6;
const LIMITS = { bodyBytes: 65_536, prompts: 8, tokens: 8192, requests: 16, streams: 16 };

/**
 * The model with all requests to it. They are evaluated together, which Cloudflare allows within one object alone: in a
 * worker, what one request has begun may not end the waiting of another.
 */
export class Gpt2 extends DurableObject {
  #handler;

  constructor(state, env) {
    super(state, env);
    const load = () =>
      loadModel(r2Source(env.MODELS, env.MODEL), { module: core, weights: 'q4', maxMemory: MAX_MEMORY });
    this.#handler = createHandler({
      models: { gpt2: load },
      apiKey: env.API_KEY,
      limits: LIMITS,
      onError: console.error,
    });
  }

  fetch(request) {
    return this.#handler.fetch(request);
  }
}

export default {
  fetch: (request, { GPT2 }) => GPT2.get(GPT2.idFromName('gpt2')).fetch(request),
};
