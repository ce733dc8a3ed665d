// Imported before a suite. SWAPS is a JSON file of the URLs of files to read instead of others. If RAN names a file, the
// ids of the mutants that instrumented code runs are written to it, by this process and its threads.
import { openSync, readFileSync, writeSync } from 'node:fs';
import { register } from 'node:module';

const { SWAPS, RAN } = process.env;
register('./swap_hooks.mjs', import.meta.url, { data: JSON.parse(readFileSync(SWAPS, 'utf8')) });

if (RAN !== undefined) {
  // Written at once: a thread may be ended from outside.
  const file = openSync(RAN, 'a');
  // Names that no source has: instrumented code uses them beside its own.
  globalThis.mutantsReached = new Uint8Array(2 ** 20);
  globalThis.reportMutants = (...ids) => {
    for (const id of ids) globalThis.mutantsReached[id] = 1;
    writeSync(file, `${ids.join('\n')}\n`);
  };
}
