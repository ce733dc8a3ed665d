// Pages from bundlers that do not follow `new URL(..., import.meta.url)`: they pass the
// binaries and the worker.
import { loadModel } from 'gpt2-wasm';
import * as codec from 'gpt2-wasm/examine';
import relaxed from 'gpt2-wasm/wasm/relaxed.wasm';
import simd from 'gpt2-wasm/wasm/simd.wasm';
import traceRelaxed from 'gpt2-wasm/wasm/trace-relaxed.wasm';
import traceSimd from 'gpt2-wasm/wasm/trace-simd.wasm';
import { createWorkerModel } from 'gpt2-wasm/worker';
import { tellStory } from './story.mjs';

globalThis.run = async (build, _threads, where, source) => {
  const compiled = (url) => WebAssembly.compileStreaming(fetch(url));
  const module = await compiled(build === 'simd' ? simd : relaxed);
  const traceModule = await compiled(build === 'simd' ? traceSimd : traceRelaxed);
  const model =
    where === 'worker'
      ? await createWorkerModel(source, {
          module,
          worker: new Worker('/model_worker.js', { type: 'module' }),
        })
      : await loadModel(source, { module });
  const story = await tellStory(model, codec, crypto, traceModule);
  model.dispose();
  return story;
};
