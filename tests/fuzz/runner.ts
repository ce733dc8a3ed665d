// Reads inputs of one target in a thread that main.ts watches: it makes them of seeds and of inputs that ran new code.
import { parentPort, workerData } from 'node:worker_threads';
import { randomSource } from '../support/random.js';
import { checkInput } from './check_input.js';
import { Coverage } from './coverage.js';
import { mutated } from './mutate.js';
import type { Progress, RunnerData } from './protocol.js';
import { FIRST_BYTE, LENGTH, NUMBER } from './protocol.js';
import { targetNamed } from './targets.js';

const { name, seed, first, inputs, shared } = workerData as RunnerData;
const numbers = new Int32Array(shared, 0, FIRST_BYTE / 4);
const bytes = new Uint8Array(shared, FIRST_BYTE);

// Blocks are counted only in functions that are compiled after the coverage began.
const coverage = new Coverage();
const target = await targetNamed(name);
const pool = target.seeds().slice();
for (const input of pool) await check(input);
coverage.hasGrown();
for (let number = first; number < first + inputs; number++) {
  const random = randomSource(seed + number * 7919);
  const input = mutated(target, random.pick(pool), random.pick(pool), random);
  Atomics.store(numbers, NUMBER, number);
  await check(input);
  // Taking the coverage costs more than a short input.
  if ((number < 2000 || number % 8 === 0) && coverage.hasGrown() && pool.length < 5000)
    pool.push(input.slice());
  if (number % 500 === 0) report({ kind: 'progress', number, pool: pool.length, blocks: coverage.size });
}
report({ kind: 'done', number: first + inputs, pool: pool.length, blocks: coverage.size });

async function check(input: Uint8Array): Promise<void> {
  bytes.set(input.subarray(0, bytes.length));
  Atomics.store(numbers, LENGTH, input.length);
  try {
    await checkInput(target, input);
  } catch (error) {
    const { stack } = error instanceof Error ? error : { stack: String(error) };
    report({ kind: 'failure', input: input.slice(), why: stack ?? '' });
  }
}

function report(progress: Progress): void {
  parentPort!.postMessage(progress);
}
