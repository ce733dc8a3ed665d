// The larger shapes of GPT-2, each in its own process: whether they run here, and how fast.
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../../scripts/run.mjs';
import { NodeHost } from '../hosts/node_host.mjs';
import { machine, nodeProgram, nodeVersion } from '../machine.mjs';
import { printMachine, spread, table } from '../markdown.mjs';
import { randomModel } from '../models/random_model.mjs';
import { SHAPES } from '../models/shapes.mjs';
import { fail } from '../process.mjs';
import { wordPrompts } from '../prompts.mjs';
import { summary } from '../stats.mjs';

const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url));
const NODE = '24';
const REPEATS = 3;
const PROMPT_TOKENS = 512;
const SHORT_PROMPT = 32;
const DECODED_TOKENS = 32;
const THREADS = 2;

export async function run({ node: major = NODE, sizes, weights = 'q8,q4' }) {
  const node = nodeProgram(major);
  const nextPrompt = await wordPrompts();
  const rows = [];
  for (const size of sizes.split(',')) {
    if (!(size in SHAPES)) fail(`there is no size ${size}: ${Object.keys(SHAPES).join(', ')}`);
    const folder = relative(root, randomModel(CACHE, size));
    for (const format of weights.split(',')) {
      console.error(`${size}, ${format} ...`);
      rows.push({
        size,
        weights: format,
        ...(await measure({ folder, weights: format, nextPrompt, node })),
      });
    }
  }
  return { machine: machine([nodeVersion(node)]), rows };
}

/** Each prompt is another one: of the same the model would keep the keys and values. */
async function measure({ folder, weights, nextPrompt, node }) {
  const spec = { module: 'gpt2_wasm_node', weights, build: 'relaxed', threads: THREADS, files: { folder } };
  const host = await NodeHost.start(spec, { node });
  try {
    const { ms, runtime } = await host.load();
    await host.generate({ prompt: nextPrompt(SHORT_PROMPT), count: DECODED_TOKENS + 1 });
    const [prompts, decodes] = [[], []];
    for (let i = 0; i < REPEATS; i++) {
      const { first } = await host.generate({ prompt: nextPrompt(PROMPT_TOKENS), count: 1 });
      const { rest } = await host.generate({ prompt: nextPrompt(SHORT_PROMPT), count: DECODED_TOKENS + 1 });
      prompts.push((1000 * PROMPT_TOKENS) / first);
      decodes.push((1000 * DECODED_TOKENS) / rest);
    }
    return {
      ...{
        threads: THREADS,
        loadMs: ms,
        memoryBytes: runtime.memoryBytes,
        peakMegabytes: await host.peakMegabytes(),
      },
      promptTokensPerSecond: summary(prompts),
      decodeTokensPerSecond: summary(decodes),
    };
  } catch (error) {
    return { failure: error.message };
  } finally {
    await host.end();
  }
}

export function print({ machine, rows }) {
  printMachine(machine);
  table(
    'Larger shapes, random weights, relaxed build: median (least to most)',
    [
      'shape',
      'weights',
      'threads',
      'load s',
      'prompt of 512, tokens/s',
      '32 tokens after 32, tokens/s',
      'memory MB',
      'peak MB',
    ],
    rows
      .filter(({ failure }) => failure === undefined)
      .map((row) => [
        row.size,
        row.weights,
        String(row.threads),
        (row.loadMs / 1000).toFixed(1),
        spread(row.promptTokensPerSecond),
        spread(row.decodeTokensPerSecond),
        (row.memoryBytes / 1e6).toFixed(0),
        row.peakMegabytes.toFixed(0),
      ]),
  );
  for (const { size, weights, failure } of rows)
    if (failure !== undefined) console.log(`\n- ${size}, ${weights}: ${failure}`);
}
