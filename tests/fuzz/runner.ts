// Reads inputs of one target in a thread that fuzz_run.ts watches: it makes them of seeds and of inputs that ran new code.
import { parentPort, workerData } from 'node:worker_threads';
import { randomSource } from '../support/random.js';
import { checkInput } from './check_input.js';
import { Coverage } from './coverage.js';
import { LONGEST_INPUT, nextInput } from './mutations/next_input.js';
import type { Progress, RunnerData } from './protocol.js';
import { BEGUN, FIRST_BYTE, LENGTH, NUMBER } from './protocol.js';
import { targetNamed } from './targets.js';

const MOST_KEPT = 5000;

const { name, seed, first, inputs, kept, shared } = workerData as RunnerData;
const numbers = new Int32Array(shared, 0, FIRST_BYTE / 4);
const bytes = new Uint8Array(shared, FIRST_BYTE);
const coverage = new Coverage();
const target = await targetNamed(name);
const pool = [...target.seeds(), ...kept];
let mostBytes = 0;

for (const input of pool) await check(input);
coverage.newBlocks();
let batch: Uint8Array[] = [];
for (let number = first; number < first + inputs; number++) {
  const input = nextInput(target, pool, randomSource(seed + number * 7919));
  Atomics.store(numbers, NUMBER, number);
  await check(input);
  batch.push(input);
  // Asking for the coverage takes as long as many short inputs, and few of the later ones run new code.
  if (batch.length >= (number < 1000 ? 8 : 64)) {
    await keepNew(batch);
    batch = [];
    if (number % 512 < 64) report({ kind: 'progress', number: number + 1, blocks: coverage.size, mostBytes });
  }
}
report({ kind: 'done', number: first + inputs, blocks: coverage.size, mostBytes });

/** Keeps the inputs of a batch that ran new blocks; each is read again to find out. */
async function keepNew(batch: readonly Uint8Array[]): Promise<void> {
  const fresh = coverage.newBlocks();
  for (const input of batch) {
    if (fresh.size === 0 || pool.length > MOST_KEPT) return;
    await check(input, false);
    if (!coverage.ranOneOf(fresh)) continue;
    pool.push(input);
    report({ kind: 'kept', input });
  }
}

async function check(input: Uint8Array, isNew = true): Promise<void> {
  bytes.set(input.subarray(0, LONGEST_INPUT));
  Atomics.store(numbers, LENGTH, Math.min(input.length, LONGEST_INPUT));
  Atomics.add(numbers, BEGUN, 1);
  try {
    mostBytes = Math.max(mostBytes, await checkInput(target, input));
  } catch (error) {
    const { stack } = error instanceof Error ? error : { stack: String(error) };
    if (isNew) report({ kind: 'failure', input, why: stack ?? '' });
  }
}

function report(progress: Progress): void {
  parentPort!.postMessage(progress);
}
