import { modelFiles } from '../models/files.mjs';
import { ENV } from '../peers/runs.mjs';
import { summary } from '../stats.mjs';
import { openEngine, openOurs } from './engine.mjs';
import { PROMPT_TOKENS, totalRate } from './sequences.mjs';
import { ratio, takeTurns } from './turns.mjs';

const WEIGHTS = 'q8';
const SLOTS = 8;
const THREADS = [1, 2];
const CONTEXT = 256;

/** 8 sequences at once and one alone in gpt2-wasm and in llama.cpp, with the same weights in 8 bits. */
export async function measureSlots({ rounds, node, folder, limits, nextPrompt }) {
  const { gguf } = modelFiles(WEIGHTS);
  if (gguf instanceof Error) throw gguf;
  const rows = [];
  for (const threads of THREADS) {
    const ours = await openOurs({ weights: WEIGHTS, threads }, { node, folder });
    const spec = { module: 'llama_cpp', threads, env: ENV.llama_cpp, slots: SLOTS, contextSize: CONTEXT };
    const llama = await openEngine(spec, { node, files: { gguf } });
    const engines = { ours, llama };
    const measures = Object.entries(engines).flatMap(([name, engine]) =>
      [1, SLOTS].map((count) => ({
        name: `${name} ${count}`,
        sample: () => totalRate(engine, count, { nextPrompt }),
      })),
    );
    for (const engine of Object.values(engines))
      await totalRate(engine, SLOTS, { nextPrompt, tokens: PROMPT_TOKENS });
    const title = `beside llama.cpp, ${threads} thread${threads === 1 ? '' : 's'}`;
    const samples = await takeTurns(measures, rounds, { limits, title });
    for (const engine of Object.values(engines)) await engine.end();
    for (const count of [1, SLOTS]) {
      const [own, peer] = [samples[`ours ${count}`], samples[`llama ${count}`]];
      const failure = [own, peer].find((value) => value instanceof Error)?.message;
      rows.push(
        failure === undefined
          ? { threads, count, ours: summary(own), llama: summary(peer), timesLlama: ratio(own, peer) }
          : { threads, count, failure },
      );
    }
  }
  return rows;
}
