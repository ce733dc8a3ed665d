// workerd: a handler in a Durable Object, where requests may share a model.
import { DurableObject } from 'cloudflare:workers';
import { loadModel } from 'gpt2-wasm';
import stories from 'gpt2-wasm/models/stories/stories.gguf';
import { createHandler } from 'gpt2-wasm/server';
import simd from 'gpt2-wasm/wasm/simd.wasm';

export class Stories extends DurableObject {
  #handler = createHandler({ models: { stories: () => loadModel(stories, { module: simd }) } });

  fetch(request) {
    return this.#handler.fetch(request);
  }
}

export default {
  fetch: (request, { STORIES }) => STORIES.get(STORIES.idFromName('stories')).fetch(request),
};
