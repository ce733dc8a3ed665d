// workerd: a worker that answers with the story of the request's body. It cannot compile WebAssembly, so both builds
// and what traces are imported compiled.
import { loadModel } from 'gpt2-wasm';
import * as examine from 'gpt2-wasm/examine';
import stories from 'gpt2-wasm/models/stories/stories.gguf';
import { createHandler } from 'gpt2-wasm/server';
import relaxed from 'gpt2-wasm/wasm/relaxed.wasm';
import simd from 'gpt2-wasm/wasm/simd.wasm';
import traceRelaxed from 'gpt2-wasm/wasm/trace-relaxed.wasm';
import traceSimd from 'gpt2-wasm/wasm/trace-simd.wasm';
import { tellStory } from './story/story.mjs';

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const isSimd = searchParams.get('build') === 'simd';
    const module = isSimd ? simd : relaxed;
    const traceModule = isSimd ? traceSimd : traceRelaxed;
    const load = (options) => loadModel(searchParams.get('source') ?? stories, { module, ...options });
    try {
      const place = { load, examine, createHandler, traceModule };
      return Response.json(await tellStory(place, await request.json()));
    } catch (error) {
      return Response.json({ error: error.stack });
    }
  },
};
