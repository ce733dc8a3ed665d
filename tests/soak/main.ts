// npm run soak: keeps a server, a model in a worker, the playground and a trainer busy at once, checks their answers, and says
// whether memory, handles and threads stay flat.
import { setTimeout as sleep } from 'node:timers/promises';
import { machine } from '../../bench/lib/machine.mjs';
import { commandLine, numbersOf, wrongUse } from '../../scripts/command_line.mjs';
import { PartChild } from './part_child.js';
import { PARTS, type PartName } from './protocol.js';
import { actCount, reportOf, resultOf } from './verdict/report.js';

const USAGE = `npm run soak [-- --hours H --seed S --only ${PARTS.join()} --cores C --json]`;

const { values } = commandLine(USAGE, {
  options: {
    hours: { type: 'string', default: '2' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    only: { type: 'string', default: PARTS.join() },
    cores: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const names = values.only.split(',') as PartName[];
const { hours, seed, cores } = numbersOf(USAGE, values, ['hours', 'seed', 'cores']);
const unknown = names.filter((name) => !PARTS.includes(name));
if (unknown.length > 0) wrongUse(USAGE, `there is no part ${unknown.join(', ')}`);
if (!(hours > 0 && cores > 0 && Number.isInteger(seed)))
  wrongUse(USAGE, 'hours and cores are more than 0, and the seed is an integer');
if (process.platform !== 'linux') {
  console.error('the soak reads /proc, which only Linux has');
  process.exit(2);
}

/** A run has so many readings, unless they would be closer or farther apart than this. */
const READINGS = 120;
const [LEAST_MS, MOST_MS] = [1000, 60_000];
const PROGRESS_MS = 30_000;

const ms = 3_600_000 * hours;
const roundMs = Math.min(MOST_MS, Math.max(LEAST_MS, ms / READINGS));
console.error(
  `seed ${seed}; ${names.join(', ')} for ${hours} hours, ${cores} cores; Ctrl-C ends it and judges`,
);
const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());

const children = names.map(
  (name) =>
    new PartChild({ name, seed, cores: cores / names.length, roundMs }, (message) =>
      console.error(message.slice(0, 2000)),
    ),
);
await Promise.all(children.map(({ ready }) => ready));
console.error('all parts are busy');
const start = performance.now();
const progress = setInterval(() => {
  const parts = children.map(({ record: { name, acts, wrong, readings } }) => {
    const resident = readings.at(-1)?.reading.resident;
    const memory = resident === undefined ? '' : `, ${(resident / 2 ** 20).toFixed(0)} MiB`;
    return `${name} ${actCount(acts)} acts${memory}${wrong.length > 0 ? `, ${wrong.length} WRONG` : ''}`;
  });
  console.error(`${((performance.now() - start) / 60_000).toFixed(1)} min: ${parts.join('; ')}`);
}, PROGRESS_MS);
await Promise.race([
  sleep(ms, undefined, { signal: stopped.signal }).catch(() => {}),
  Promise.all(children.map(({ ended }) => ended)),
]);
await Promise.all(children.map((child) => child.end()));
clearInterval(progress);

const results = children.map(({ record }) => resultOf(record));
const minutes = (performance.now() - start) / 60_000;
const wrong = results.reduce((sum, result) => sum + result.wrong.length, 0);
const isFlat = results.every((result) => result.isFlat);
const about = { seed, minutes, cores, machine: machine([process.version]) };
if (values.json) {
  const readings = Object.fromEntries(children.map(({ record }) => [record.name, record.readings]));
  console.log(JSON.stringify({ ...about, isFlat, wrong, results, readings }));
} else {
  const { processor, cores: ofMachine, memoryGigabytes } = about.machine;
  console.log(
    `${minutes.toFixed(0)} minutes with seed ${seed} on ${cores} of ${ofMachine} cores (${processor}, ${memoryGigabytes} GiB, Node ${process.version}):\n`,
  );
  console.log(reportOf(results));
  console.log(`\n${wrong} answers wrong; ${isFlat ? 'everything stays flat' : 'not flat'}; seed ${seed}`);
}
process.exitCode = isFlat && wrong === 0 ? 0 : 1;
