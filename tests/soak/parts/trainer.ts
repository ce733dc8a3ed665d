// Runs of training in one process: whole, interrupted and resumed, with an adapter, left early.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryTarget } from '../../support/memory_target.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { STORIES } from '../../train/tiny.js';
import { type Act, doOne, type Part, type Random } from '../part.js';
import { readProcess } from '../readings/node_process.js';
import { read } from '../readings/probe.mjs';
import { Trainer } from './built.js';

type Options = Parameters<typeof Trainer.create>[0];
type TrainerRun = Awaited<ReturnType<typeof Trainer.create>>;

const STEPS = 4;
const LANES = 2;
const COMMON = {
  ...{ model: storiesTiny, data: STORIES, steps: STEPS, batchSize: 2, contextLength: 32, dropout: 0.1 },
  ...{ validation: 0.2, evaluateEvery: 2, build: 'simd', threads: 1 },
} as const satisfies Options;
const KINDS: readonly Options[] = [
  COMMON,
  { ...COMMON, lora: { rank: 4 } },
  { ...COMMON, lora: { rank: 2 }, quantize: 'q4' },
  { ...COMMON, optimizer: 'muon', recompute: true, threads: 2 },
];

/** Losses and saved weights of a run. */
interface Outcome {
  readonly losses: readonly number[];
  readonly weights: string;
  /** Written by the model that it gives. */
  readonly text: string;
}

/** Takes steps, at most `most`. */
async function step(trainer: TrainerRun, losses: number[], most = Infinity): Promise<void> {
  let left = most;
  for await (const { loss } of trainer) {
    losses.push(loss);
    if (--left === 0) return;
  }
}

async function outcomeOf(trainer: TrainerRun, losses: readonly number[]): Promise<Outcome> {
  const target = memoryTarget();
  await trainer.save(target);
  const [, bytes] = Object.entries(target.files).find(([name]) => name.endsWith('model.safetensors'))!;
  const model = await trainer.model();
  const { text } = await model.generate('The zebra', { maxTokens: 8, temperature: 0 });
  model.dispose();
  const digest = await crypto.subtle.digest('SHA-256', bytes.slice());
  return { losses, weights: Buffer.from(digest).toString('hex'), text };
}

async function whole(options: Options): Promise<Outcome> {
  const trainer = await Trainer.create(options);
  try {
    const losses: number[] = [];
    await step(trainer, losses);
    return await outcomeOf(trainer, losses);
  } finally {
    trainer.dispose();
  }
}

/** As `whole`, ended after some steps and resumed in another trainer. */
async function resumed(options: Options, checkpoints: string, after: number): Promise<Outcome> {
  const losses: number[] = [];
  const first = await Trainer.create({ ...options, checkpoints });
  await step(first, losses, after);
  await first.saveState();
  first.dispose();
  const trainer = await Trainer.create({ ...options, checkpoints, resume: true });
  try {
    await step(trainer, losses);
    const outcome = await outcomeOf(trainer, losses);
    await trainer.deleteStates();
    return outcome;
  } finally {
    trainer.dispose();
    await rm(checkpoints, { recursive: true, force: true });
  }
}

function same(actual: Outcome, expected: Outcome): void {
  const [got, wanted] = [actual, expected].map((outcome) => JSON.stringify(outcome));
  if (got !== wanted) throw new Error(`${got}, alone ${wanted}`);
}

export async function start(folder: string): Promise<Part> {
  const kinds: (readonly [Options, Outcome])[] = [];
  for (const options of KINDS) kinds.push([options, await whole(options)]);
  let runs = 0;

  const runsWhole = async ({ pick }: Random) => {
    const [options, expected] = pick(kinds);
    same(await whole(options), expected);
  };
  const resumes = async ({ pick, below }: Random) => {
    const [options, expected] = pick(kinds);
    same(await resumed(options, join(folder, `run-${++runs}`), 1 + below(STEPS - 1)), expected);
  };
  const leaves = async ({ pick, below }: Random) => {
    const [options] = pick(kinds);
    const signal = AbortSignal.timeout(1 + below(100));
    let trainer: TrainerRun | undefined;
    try {
      trainer = await Trainer.create({ ...options, signal });
      await step(trainer, []);
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'aborted') throw error;
    } finally {
      trainer?.dispose();
    }
  };
  const acts: readonly Act[] = [
    [3, 'whole runs', runsWhole],
    [4, 'resumed runs', resumes],
    [2, 'left runs', leaves],
  ];
  return {
    lanes: LANES,
    act: (random) => doOne(acts, random),
    read: () => readProcess(process.pid, read),
    seconds: () => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
    end: async () => {},
  };
}
