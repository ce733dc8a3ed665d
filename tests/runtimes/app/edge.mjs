// workerd: a worker that answers with the story. It compiles nothing, so that both builds come compiled.
import { loadModel } from 'gpt2-wasm';
import config from 'gpt2-wasm/models/stories-tiny/config.json';
import merges from 'gpt2-wasm/models/stories-tiny/merges.txt';
import weights from 'gpt2-wasm/models/stories-tiny/model.safetensors';
import vocab from 'gpt2-wasm/models/stories-tiny/vocab.json';
import relaxed from 'gpt2-wasm/wasm/relaxed.wasm';
import simd from 'gpt2-wasm/wasm/simd.wasm';
import { tellStory } from './story.mjs';

const files = {
  'config.json': config,
  'merges.txt': merges,
  'model.safetensors': weights,
  'vocab.json': vocab,
};

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const module = searchParams.get('build') === 'simd' ? simd : relaxed;
    try {
      const model = await loadModel(searchParams.get('source') ?? files, { module });
      const story = await tellStory(model);
      model.dispose();
      return Response.json(story);
    } catch (error) {
      return Response.json({ error: error.stack });
    }
  },
};
