import { getLlama, LlamaLogLevel } from 'node-llama-cpp';
import { Clock } from './clock.mjs';

const CONTEXT = 1024;
const PROMPT = 512;

/**
 * llama.cpp through node-llama-cpp's binary, on the processor, with `slots` sequences of `contextSize` tokens, whose next
 * tokens it computes in one batch.
 */
export async function load({ gguf, threads, slots = 1, contextSize = CONTEXT }) {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    maxThreads: threads,
    logLevel: LlamaLogLevel.error,
    skipDownload: true,
  });
  const model = await llama.loadModel({ modelPath: gguf });
  const context = await model.createContext({
    contextSize,
    batchSize: PROMPT,
    sequences: slots,
    threads: { ideal: threads, min: threads },
  });
  const sequences = Array.from({ length: slots }, () => context.getSequence());

  async function generate({ ids }, count, sequence = sequences[0]) {
    await sequence.clearHistory();
    const clock = new Clock();
    for await (const token of sequence.evaluate([...ids], { temperature: 0, yieldEogToken: true })) {
      clock.onToken(token);
      if (clock.count === count) break;
    }
    return clock.result();
  }
  async function generateMany({ prompts, count }) {
    const start = performance.now();
    await Promise.all(prompts.map((prompt, i) => generate(prompt, count, sequences[i])));
    return { ms: performance.now() - start };
  }
  return { generate, generateMany };
}
