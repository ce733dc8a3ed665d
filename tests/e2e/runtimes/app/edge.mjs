// workerd: a worker that answers with the story, and how pictures are described if the captioner has an address. It cannot compile WebAssembly, so both builds and what
// traces are imported compiled.
import { loadModel } from 'gpt2-wasm';
import * as codec from 'gpt2-wasm/examine';
import stories from 'gpt2-wasm/models/stories/stories.gguf';
import { loadCaptioner } from 'gpt2-wasm/vision';
import crossSimd from 'gpt2-wasm/wasm/cross-simd.wasm';
import relaxed from 'gpt2-wasm/wasm/relaxed.wasm';
import simd from 'gpt2-wasm/wasm/simd.wasm';
import traceRelaxed from 'gpt2-wasm/wasm/trace-relaxed.wasm';
import traceSimd from 'gpt2-wasm/wasm/trace-simd.wasm';
import { describePictures } from './captions.mjs';
import { drawing } from './drawing.mjs';
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
      const captioner = searchParams.get('captioner');
      if (isSimd && captioner !== null) {
        const loaded = await loadCaptioner(captioner, { module: crossSimd });
        story.described = await describePictures(loaded, drawing);
      }
      return Response.json(story);
    } catch (error) {
      return Response.json({ error: error.stack });
    }
  },
};
