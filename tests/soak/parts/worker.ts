// Models in workers: one that stays, and others that come and go.

import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Model } from '../../../src/index.js';
import type { WorkerModel } from '../../../src/worker.js';
import { storiesTiny } from '../../support/stories_tiny.js';
import { type Act, doOne, type Part, type Random } from '../part.js';
import { readProcess } from '../readings/node_process.js';
import { read } from '../readings/probe.mjs';
import { createWorkerModel, loadModel } from './built.js';
import { writeRandomAdapter } from './random_adapters.js';

const LANES = 4;
const PROMPTS = ['Once upon a time', 'A cat', 'The sea was', 'One day, Lily and her mother went to the park'];
const OPTIONS = [
  { maxTokens: 20, temperature: 0 },
  { maxTokens: 30, temperature: 0.9, seed: 3, logprobs: 2 },
  { maxTokens: 12, temperature: 1.2, topP: 0.9, seed: 4, stop: ['.'] },
  { maxTokens: 10, beams: 3 },
] as const;
const LOAD = { build: 'simd', threads: 1 } as const;

interface Expected {
  readonly prompt: string;
  readonly options: (typeof OPTIONS)[number];
  readonly tokens: readonly number[];
  readonly text: string;
  readonly logprobs: unknown;
}

/** The results of a model that computes nothing else. */
async function expectedOf(model: Model): Promise<Expected[]> {
  const all: Expected[] = [];
  for (const prompt of PROMPTS) {
    for (const options of OPTIONS) {
      const { tokens, text, logprobs } = await model.generate(prompt, options);
      all.push({ prompt, options, tokens, text, logprobs });
    }
  }
  return all;
}

function same(what: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`${what}: ${JSON.stringify(actual)}, alone ${JSON.stringify(expected)}`);
}

async function generates(model: WorkerModel, { prompt, options, ...expected }: Expected): Promise<void> {
  const { tokens, text, logprobs } = await model.generate(prompt, options);
  same(prompt, { tokens, text, logprobs }, expected);
}

function beginning(tokens: readonly number[], expected: readonly number[]): void {
  same('beginning', tokens, expected.slice(0, tokens.length));
}

export async function start(folder: string): Promise<Part> {
  const local = await loadModel(storiesTiny, LOAD);
  const expected = await expectedOf(local);
  const sampled = expected.filter(({ options }) => !('beams' in options));
  const adapter = await writeRandomAdapter(folder, 'adapter', local.config, 1);
  const adaptedLocal = await local.withAdapters([adapter]);
  const adapted = await expectedOf(adaptedLocal);
  const scores = await local.score(PROMPTS);
  const embedding = await local.embed(PROMPTS[3]!);
  for (const model of [adaptedLocal, local]) model.dispose();
  const kept = await createWorkerModel(storiesTiny, LOAD);

  const streamLeaves = async ({ pick, below }: Random) => {
    const { prompt, options, tokens } = pick(sampled);
    const most = 1 + below(8);
    const got: number[] = [];
    for await (const { id } of kept.stream(prompt, options)) {
      got.push(id);
      if (got.length === most) break;
    }
    beginning(got, tokens);
  };
  const aborts = async ({ pick, below }: Random) => {
    const { prompt, options, tokens } = pick(sampled);
    const signal = AbortSignal.timeout(1 + below(30));
    const got = await kept.generate(prompt, { ...options, signal });
    beginning(got.tokens, tokens);
  };
  const sessions = async ({ pick, uniform }: Random) => {
    const { prompt, options, text } = pick(sampled);
    const session = kept.session();
    await session.append(prompt);
    const fork = await session.fork();
    const results = await Promise.all([session, fork].map((one) => one.generate(undefined, options)));
    for (const result of results) same('session', result.text, text);
    if (uniform() < 0.3) {
      const restored = await kept.restore(await session.save());
      same('restored', await restored.tokens(), await session.tokens());
      restored.dispose();
    }
    session.dispose();
    fork.dispose();
  };
  const scoring = async () => {
    same('scores', await kept.score(PROMPTS), scores);
    same('embedding', await kept.embed(PROMPTS[3]!), embedding);
  };
  const adapters = async ({ pick }: Random) => {
    const model = await kept.withAdapters([adapter]);
    try {
      await generates(model, pick(adapted));
    } finally {
      model.dispose();
    }
  };
  const comes = async ({ pick, uniform }: Random) => {
    const model = await createWorkerModel(storiesTiny, { ...LOAD, threads: uniform() < 0.3 ? 2 : 1 });
    try {
      await generates(model, pick(expected));
      // It goes while it computes.
      if (uniform() < 0.5) model.generate(PROMPTS[0]!, { maxTokens: 100 }).catch(() => {});
    } finally {
      model.dispose();
    }
  };
  const leavesLoading = async ({ below }: Random) => {
    const signal = AbortSignal.timeout(1 + below(200));
    try {
      (await createWorkerModel(storiesTiny, { ...LOAD, signal })).dispose();
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'aborted') throw error;
    }
  };
  const refused = async () => {
    const code = await kept.generate('Once', { maxTokens: -1 }).then(
      () => 'none',
      (error) => error.code,
    );
    same('error', code, 'invalid-option');
  };
  // Few come and go: each leaves some 300 bytes in V8, which are no objects of this package (docs/reliability.md).
  const acts: readonly Act[] = [
    [30, 'generates', ({ pick }) => generates(kept, pick(expected))],
    [15, 'leaves a stream', streamLeaves],
    [15, 'aborts', aborts],
    [15, 'sessions', sessions],
    [5, 'scores', scoring],
    [5, 'adapters', adapters],
    [2, 'models come', comes],
    [1, 'leaves loading', leavesLoading],
    [5, 'refused', refused],
  ];
  return {
    lanes: LANES,
    act: (random) => doOne(acts, random),
    async read() {
      // Workers that were ended are gone a moment later.
      while ((await read()).workers > 1) await sleep(50);
      return readProcess(process.pid, read);
    },
    seconds: () => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
    async end() {
      kept.dispose();
    },
  };
}
