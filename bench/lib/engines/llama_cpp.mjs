import { getLlama, LlamaLogLevel } from 'node-llama-cpp';
import { Clock } from './clock.mjs';

const CONTEXT = 1024;
const PROMPT = 512;

/** llama.cpp through node-llama-cpp's binary, on the processor. */
export async function load({ gguf, threads }) {
  const llama = await getLlama({
    gpu: false,
    build: 'never',
    maxThreads: threads,
    logLevel: LlamaLogLevel.error,
    skipDownload: true,
  });
  const model = await llama.loadModel({ modelPath: gguf });
  const context = await model.createContext({
    contextSize: CONTEXT,
    batchSize: PROMPT,
    sequences: 1,
    threads: { ideal: threads, min: threads },
  });
  const sequence = context.getSequence();

  async function generate({ ids }, count) {
    await sequence.clearHistory();
    const clock = new Clock();
    for await (const token of sequence.evaluate([...ids], { temperature: 0, yieldEogToken: true })) {
      clock.onToken(token);
      if (clock.count === count) break;
    }
    return clock.result();
  }
  return { generate };
}
