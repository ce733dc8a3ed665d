// node --import ./scripts/ts_loader.mjs scripts/suite_group.mjs SUITE ...: runs suites one after another in one process,
// each to its end before the next is loaded, and prints a line after each.
import { pathToFileURL } from 'node:url';

globalThis.UVU_DEFER = true;
const { exec } = await import('uvu');
let status = 0;
for (const name of process.argv.slice(2)) {
  // A suite may replace the other clocks.
  const start = process.hrtime.bigint();
  globalThis.UVU_QUEUE.splice(0, Number.POSITIVE_INFINITY, [null]);
  await import(pathToFileURL(name).href);
  await exec();
  status ||= process.exitCode ?? 0;
  console.log(`suite ended after ${(Number(process.hrtime.bigint() - start) / 1e9).toFixed(1)} s`);
}
process.exitCode = status;
