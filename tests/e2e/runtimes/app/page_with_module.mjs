// Pages from bundlers that do not follow `new URL(..., import.meta.url)`: they pass the
// binaries and the worker.
import { loadModel } from 'gpt2-wasm';
import * as examine from 'gpt2-wasm/examine';
import { createHandler } from 'gpt2-wasm/server';
import relaxed from 'gpt2-wasm/wasm/relaxed.wasm';
import simd from 'gpt2-wasm/wasm/simd.wasm';
import traceRelaxed from 'gpt2-wasm/wasm/trace-relaxed.wasm';
import traceSimd from 'gpt2-wasm/wasm/trace-simd.wasm';
import { createWorkerModel } from 'gpt2-wasm/worker';
import { tellStory } from './story/story.mjs';

globalThis.run = async ({ build, where, source, input }) => {
  const compiled = (url) => WebAssembly.compileStreaming(fetch(url));
  const module = await compiled(build === 'simd' ? simd : relaxed);
  const traceModule = await compiled(build === 'simd' ? traceSimd : traceRelaxed);
  const isRemote = where === 'worker';
  const load = (options) =>
    isRemote
      ? createWorkerModel(source, {
          ...{ module, ...options },
          worker: new Worker('/model_worker.js', { type: 'module' }),
        })
      : loadModel(source, { module, ...options });
  return tellStory({ load, isRemote, examine, createHandler, traceModule }, input);
};
