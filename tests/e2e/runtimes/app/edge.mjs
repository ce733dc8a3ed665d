// workerd: a worker that answers with the story. It cannot compile WebAssembly, so both builds are imported
// compiled.
import { loadModel } from 'gpt2-wasm';
import * as codec from 'gpt2-wasm/examine';
import stories from 'gpt2-wasm/models/stories/stories.gguf';
import relaxed from 'gpt2-wasm/wasm/relaxed.wasm';
import simd from 'gpt2-wasm/wasm/simd.wasm';
import { tellStory } from './story.mjs';

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const module = searchParams.get('build') === 'simd' ? simd : relaxed;
    try {
      const model = await loadModel(searchParams.get('source') ?? stories, { module });
      const story = await tellStory(model, codec);
      model.dispose();
      return Response.json(story);
    } catch (error) {
      return Response.json({ error: error.stack });
    }
  },
};
