// npm run fuzz: reads damaged and made-up inputs, and keeps those that fail in corpus/. Control-C ends it early, with the table of
// all that was read.
import { availableParallelism } from 'node:os';
import { commandLine, numbersOf, wrongUse } from '../../scripts/command_line.mjs';
import { keepFailure } from './corpus.js';
import { FuzzRun } from './fuzz_run.js';
import { savedState, saveState } from './saved_state.js';
import { table } from './table.js';
import { TARGETS } from './targets.js';

const PROGRESS_MS = 10_000;

const USAGE = `npm run fuzz [-- TARGET ... --minutes N --inputs N --seed S --lanes N --continue]
targets: ${Object.keys(TARGETS).join(', ')}`;

const { values, positionals } = commandLine(USAGE, {
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '10' },
    inputs: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    lanes: { type: 'string', default: String(Math.min(availableParallelism(), 4)) },
    continue: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !(name in TARGETS));
if (unknown.length > 0) wrongUse(USAGE, `there is no target ${unknown.join(', ')}`);
const { minutes, inputs, seed, lanes } = numbersOf(USAGE, values, ['minutes', 'inputs', 'seed', 'lanes']);
if (!(minutes > 0 && inputs > 0 && lanes >= 1 && Number.isInteger(seed)))
  wrongUse(USAGE, 'minutes and inputs are more than 0, lanes at least 1, and the seed is an integer');
const names = positionals.length > 0 ? positionals : Object.keys(TARGETS);
console.log(`seed ${seed}, ${names.length} targets, ${minutes} minutes, ${lanes} lanes`);

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
const start = performance.now();
const end = start + 60_000 * minutes;
const waiting = names.slice();
const runs: FuzzRun[] = [];
await Promise.all(Array.from({ length: lanes }, lane));
const failures = runs.reduce((sum, { failures }) => sum + failures.length, 0);
console.log(table(runs));
console.log(`${((performance.now() - start) / 60_000).toFixed(1)} minutes, seed ${seed}`);
process.exit(failures > 0 ? 1 : 0);

/** Runs targets one after another; time that one does not need is that of the others. */
async function lane(): Promise<void> {
  for (let name = waiting.shift(); name !== undefined && !stop.signal.aborted; name = waiting.shift()) {
    const saved = values.continue ? savedState(name) : undefined;
    const run = new FuzzRun(name, saved ?? { seed, next: 0, kept: [] }, lanes);
    runs.push(run);
    const share = (lanes * (end - performance.now())) / (waiting.length + lanes);
    const timer = setInterval(() => console.error(`${run.name}: ${run.inputs} inputs`), PROGRESS_MS);
    await run.finish(inputs, Math.max(1000, share), stop.signal);
    clearInterval(timer);
    saveState(name, run.state);
    for (const { input, why } of run.failures) console.log(`${keepFailure(name, input)}: ${why}`);
    console.error(
      `${name}: ${run.inputs} inputs, ${run.blocks} blocks, ${run.failures.length} failures; ${waiting.length} targets wait`,
    );
  }
}
