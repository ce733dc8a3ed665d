// workerd: a worker that answers with the story. It cannot compile WebAssembly, so both builds and what
// traces are imported compiled.
import { loadModel } from 'gpt2-wasm';
import * as codec from 'gpt2-wasm/examine';
import stories from 'gpt2-wasm/models/stories/stories.gguf';
import relaxed from 'gpt2-wasm/wasm/relaxed.wasm';
import simd from 'gpt2-wasm/wasm/simd.wasm';
import traceRelaxed from 'gpt2-wasm/wasm/trace-relaxed.wasm';
import traceSimd from 'gpt2-wasm/wasm/trace-simd.wasm';
import { tellStory } from './story.mjs';

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const isSimd = searchParams.get('build') === 'simd';
    const module = isSimd ? simd : relaxed;
    try {
      const model = await loadModel(searchParams.get('source') ?? stories, { module });
      const story = await tellStory(model, codec, crypto, isSimd ? traceSimd : traceRelaxed);
      model.dispose();
      return Response.json(story);
    } catch (error) {
      return Response.json({ error: error.stack });
    }
  },
};
