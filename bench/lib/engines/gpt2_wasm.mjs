import { Clock } from './clock.mjs';

/**
 * gpt2-wasm through its public API, in Node and in a page alike: `source` and `options` are those of `loadModel`, which
 * comes from the output for the runtime. Nothing is kept in a cache, so every load reads from the server. Without
 * `kvCache` the model has its default format of keys and values.
 */
export async function loadWasm(loadModel, source, { build, weights, threads, tokenizer, kvCache }) {
  const options = { build, weights, tokenizer, threads, cache: false, ...(kvCache && { kvCache }) };
  const model = await loadModel(source, options);
  const { runtime } = model;
  if (runtime.threads !== threads)
    throw new Error(`it runs on ${runtime.threads} threads: ${runtime.threadsReason}`);

  async function generate({ ids }, count) {
    const clock = new Clock();
    const stream = model.stream(ids, { temperature: 0, ignoreEos: true, maxTokens: count });
    for await (const { id } of stream) clock.onToken(id);
    const { usage } = await stream.completion;
    if (usage.cachedPromptTokens > 0)
      throw new Error('the keys and values of the prompt were kept: it is not computed');
    return clock.result();
  }
  async function generateMany({ prompts, count }) {
    const start = performance.now();
    const greedy = { temperature: 0, ignoreEos: true, maxTokens: count };
    await Promise.all(prompts.map(({ ids }) => model.generate(ids, greedy)));
    return { ms: performance.now() - start };
  }
  return { generate, generateMany, runtime };
}
