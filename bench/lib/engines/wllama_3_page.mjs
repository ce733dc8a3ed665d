import { Wllama } from '../../node_modules/@wllama/wllama/esm/index.js';

const WASM = new URL('../../node_modules/@wllama/wllama/esm/wasm/wllama.wasm', import.meta.url).href;

/** wllama 3: llama.cpp's server in a worker, whose own clock tells when the first token was there. */
export async function load({ gguf, threads }) {
  const wllama = new Wllama({ default: WASM }, { suppressNativeLog: true });
  const file = await (await fetch(gguf)).blob();
  await wllama.loadModel([file], {
    n_ctx: 1024,
    n_batch: 512,
    n_threads: threads,
    n_gpu_layers: 0,
    n_parallel: 1,
  });

  async function generate({ ids, text }, count) {
    const start = performance.now();
    const { timings } = await wllama.createCompletion({
      ...{ prompt: text, max_tokens: count, temperature: 0 },
      ...{ ignore_eos: true, cache_prompt: false },
    });
    const whole = performance.now() - start;
    const { prompt_n, predicted_n } = timings;
    if (prompt_n !== ids.length || predicted_n !== count)
      throw new Error(`${prompt_n} + ${predicted_n} tokens`);
    return { first: whole - timings.predicted_ms, rest: timings.predicted_ms };
  }
  return { generate };
}
