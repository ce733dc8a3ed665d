// npm run fuzz [-- TARGET ... --minutes N --inputs N --seed S]: reads damaged inputs, and keeps those that fail in corpus/.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { keepFailure } from './corpus.js';
import { FuzzRun } from './fuzz_run.js';
import { TARGETS } from './targets.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '10' },
    inputs: { type: 'string', default: 'Infinity' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    lanes: { type: 'string', default: String(Math.min(availableParallelism(), 4)) },
  },
});
const unknown = positionals.filter((name) => !(name in TARGETS));
if (unknown.length > 0) {
  console.error(`there is no target ${unknown.join(', ')}; targets: ${Object.keys(TARGETS).join(', ')}`);
  process.exit(2);
}
const names = positionals.length > 0 ? positionals : Object.keys(TARGETS);
const [minutes, inputs, seed, lanes] = [values.minutes, values.inputs, values.seed, values.lanes].map(
  Number,
) as [number, number, number, number];
console.log(`seed ${seed}, ${names.length} targets, ${minutes} minutes`);

const waiting = names.slice();
const totals = { inputs: 0, failures: 0 };
const msEach = (60_000 * minutes * lanes) / names.length;
await Promise.all(
  Array.from({ length: lanes }, async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const run = new FuzzRun(name, seed, inputs, msEach);
      const result = await run.finish();
      for (const { input, why } of result.failures) console.log(`${keepFailure(name, input)}: ${why}`);
      totals.inputs += result.inputs;
      totals.failures += result.failures.length;
      const { length } = result.failures;
      console.log(
        `${name}: ${result.inputs} inputs, ${result.pool} kept, ${result.blocks} blocks, ${length} failures`,
      );
    }
  }),
);
console.log(`${totals.inputs} inputs, ${totals.failures} failures, seed ${seed}`);
process.exit(totals.failures > 0 ? 1 : 0);
