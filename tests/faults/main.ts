// npm run faults: lets commands fail, and checks what is left.
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { commandLine, numbersOf, wrongUse } from '../../scripts/command_line.mjs';
import { randomSource } from '../support/random.js';
import { clockJumps } from './clock_jumps.js';
import { closedOutputs } from './closed_outputs.js';
import { diskErrors } from './disk_errors.js';
import { killsAtCalls, killsAtMoments } from './kills.js';
import type { Case, Kind } from './kinds.js';
import { realDisks } from './real_disks.js';
import { SCENARIOS } from './scenarios.js';
import { serveKills } from './serve_kills.js';
import { signalsAtCalls } from './signals.js';
import { runUndisturbed } from './undisturbed.js';
import { createWorld } from './world.js';

const KINDS: Readonly<Record<string, Kind>> = {
  kills: killsAtMoments,
  calls: killsAtCalls,
  disk: diskErrors,
  mounts: realDisks,
  signals: signalsAtCalls,
  clock: clockJumps,
  outputs: closedOutputs,
};

/** The kind of faults of a server, which is no command that ends. */
const SERVE = 'serve';
const all = [...Object.keys(KINDS), SERVE];

const USAGE = `npm run faults [-- KIND ... --command NAME ... --kills N --most N --lanes N --seed S]
kinds: ${all.join(', ')}
commands: ${Object.keys(SCENARIOS).join(', ')}`;

const { values, positionals } = commandLine(USAGE, {
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    lanes: { type: 'string', default: String(availableParallelism()) },
    most: { type: 'string', default: 'Infinity' },
    command: { type: 'string', multiple: true },
  },
});
const unknown = positionals.filter((name) => !all.includes(name));
if (unknown.length > 0) wrongUse(USAGE, `there is no kind ${unknown.join(', ')}`);
const unknownCommands = values.command?.filter((name) => !(name in SCENARIOS)) ?? [];
if (unknownCommands.length > 0) wrongUse(USAGE, `there is no command ${unknownCommands.join(', ')}`);
const kinds = positionals.length > 0 ? positionals : all;
const names = Object.keys(SCENARIOS).filter((name) => values.command?.includes(name) ?? true);
const { kills, most, seed, lanes } = numbersOf(USAGE, values, ['kills', 'most', 'seed', 'lanes']);
console.log(`seed ${seed}, ${kinds.join(', ')}`);

const generator = randomSource(seed);
const world = await createWorld();
process.on('exit', () => rmSync(world.folder, { recursive: true, force: true }));
process.on('SIGINT', () => process.exit(130));
const totals = { faults: 0, failures: 0 };
/** Kills of one command. */
const options = { count: Math.ceil(kills / (names.length + 1)), random: generator.uniform };
for (const name of names) {
  const perCommand = kinds.filter((kind) => kind !== SERVE);
  if (perCommand.length === 0) break;
  const run = await runUndisturbed(name, world);
  for (const kind of perCommand) await check(kind, name, [...KINDS[kind]!(run, options)]);
}
if (kinds.includes(SERVE)) await check('kills', SERVE, [...serveKills(world, options)]);
await world.remove();
console.log(`${totals.faults} faults, ${totals.failures} failures, seed ${seed}`);
process.exit(totals.failures > 0 ? 1 : 0);

/** Runs so many of the cases as wanted. */
async function check(kind: string, name: string, all: Case[]): Promise<void> {
  const cases = drawn(all, most);
  const failures = await inLanes(cases);
  world.removeCases();
  totals.faults += cases.length;
  totals.failures += failures;
  console.log(`${kind}: ${name}: ${cases.length} faults, ${failures} failures`);
}

/** So many of the cases, at random. */
function drawn(cases: Case[], count: number): Case[] {
  while (cases.length > count) cases.splice(generator.below(cases.length), 1);
  return cases;
}

/** Runs all cases, some at the same time. Returns how many failed, and prints them. */
async function inLanes(cases: readonly Case[]): Promise<number> {
  const waiting = cases.slice();
  let failures = 0;
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const problem = await next.run();
      if (problem === undefined) continue;
      failures++;
      console.log(`FAILURE: ${next.when}: ${problem}`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return failures;
}
