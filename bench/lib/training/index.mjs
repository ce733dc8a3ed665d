// A step of training, forward, backward and update, in gpt2-wasm and its peers from the same weights and tokens.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Limits } from '../limits/limits.mjs';
import { machine, nodeProgram, nodeVersion } from '../machine.mjs';
import { randomModel } from '../models/random_model.mjs';
import { CONTEXT, SHAPES } from '../models/shapes.mjs';
import { summary } from '../stats.mjs';
import { EngineProcess } from './engine_process.mjs';
import { parameters, stepFlops } from './flops.mjs';
import { GROUPS, label } from './runs.mjs';

export { print } from './report.mjs';

const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url));
const NODE = '24';
/** T */
const LENGTH = 256;
const SETTINGS = {
  ...{ learningRate: 1e-4, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, maxGradientNorm: 1 },
};

export async function run({ node: major = NODE, rounds = '5', only }) {
  const node = nodeProgram(major);
  const limits = await Limits.start({ node });
  const rows = [];
  for (const { batch, runs: group } of GROUPS) {
    const runs = group.filter((run) => label(run).includes(only)).map((run) => ({ row: { ...run, batch } }));
    for (const run of runs) await guard(run, () => start(run, node));
    let before = await limits.sample();
    for (let round = 0; round < Number(rounds); round++) {
      console.error(`round ${round + 1} of ${rounds} ...`);
      for (const run of runs) {
        await guard(run, async () => {
          const step = await run.process.call('step');
          const after = await limits.sample();
          note(run, step, before, after);
          before = after;
        });
      }
    }
    for (const run of runs) rows.push(await finish(run));
  }
  await limits.end();
  return {
    ...{
      machine: machine([nodeVersion(node)], { peers: ['@tensorflow/tfjs'] }),
      length: LENGTH,
      settings: SETTINGS,
    },
    ...{ limits: limits.summaries(), rows },
  };
}

/** Loads the model and computes a first step, in which engines still compile. */
async function start(run, node) {
  const { row } = run;
  console.error(`${label(row)}: loading and warming up ...`);
  const folder = randomModel(CACHE, row.size);
  run.process = new EngineProcess(row, { node });
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  const ids = tokens(config, row.batch);
  const { module, build, threads, isLora, hasTeacher, optimizer, quantize, recompute } = row;
  const own = { module, build, threads, isLora, hasTeacher, optimizer, quantize, recompute };
  const { version } = await run.process.call('load', {
    ...{ ...own, folder, ids, batch: row.batch, length: LENGTH, settings: SETTINGS },
  });
  const { loss } = await run.process.call('step');
  Object.assign(row, { version, firstLoss: loss });
  run.samples = [];
}

/** Keeps a step that was measured between two samples of the machine's limits. */
function note({ row, samples }, { seconds, loss }, before, after) {
  const peak = (before[row.threads].multiplyAdd + after[row.threads].multiplyAdd) / 2;
  const share = stepFlops(SHAPES[row.size], row.batch, LENGTH, row.isLora) / seconds / 1e9 / peak;
  samples.push({ tokensPerSecond: (row.batch * LENGTH) / seconds, share });
  row.lastLoss = loss;
}

async function finish(run) {
  const { row, samples } = run;
  await guard(run, async () => {
    row.peakMegabytes = await run.process.call('peakMegabytes');
    row.bytesPerParameter = (row.peakMegabytes * 2 ** 20) / parameters(SHAPES[row.size], CONTEXT);
    row.tokensPerSecond = summary(samples.map(({ tokensPerSecond }) => tokensPerSecond));
    row.shareOfPeak = summary(samples.map(({ share }) => share));
    row.samples = samples.length;
  });
  await run.process?.end();
  return row;
}

/** A failure is kept in the row, ends the process, and makes every later call do nothing. */
async function guard(run, work) {
  if (run.row.failure !== undefined) return;
  try {
    await work();
  } catch (error) {
    run.row.failure = String(error?.message ?? error).split('\n')[0];
    console.error(`${label(run.row)}: ${run.row.failure}`);
    await run.process?.end();
    run.process = undefined;
  }
}

/** B T + 1 token ids: a document between two ends of text. */
function tokens({ vocab_size: V, eos_token_id: end }, batch) {
  const document = Array.from({ length: batch * LENGTH - 1 }, (_, i) => 1 + ((i * 7919) % (V - 2)));
  return [end, ...document, end];
}
