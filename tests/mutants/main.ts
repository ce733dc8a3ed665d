// npm run mutants: changes the sources in a sample of small ways, and tells which changes no suite notices.
import { commandLine, numbersOf } from '../../scripts/command_line.mjs';
import { RandomStream } from '../../src/base/random.js';
import { coreMutants } from './core_mutants.js';
import { tryCoreMutant } from './core_trial.js';
import { DryRuns } from './dry_runs.js';
import { instrument } from './instrument.js';
import type { Mutant, Outcome } from './mutant.js';
import { endAll } from './run_process.js';
import { Score } from './score.js';
import { tryMutant } from './trial.js';

/** Tried if no place is given. */
const FOLDERS = ['src/core', 'src/generate', 'src/train', 'src/checkpoints', 'src/tokenizer'];

const USAGE = `npm run mutants [-- PLACE ... --count N --seed S --lanes N]
PLACE: a folder, a file or FILE:LINE in ${FOLDERS.join(', ')} or assembly; N changes are drawn for each`;

const { values, positionals } = commandLine(USAGE, {
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    lanes: { type: 'string', default: '1' },
  },
});
const places = positionals.length > 0 ? positionals : FOLDERS;
const { count, seed, lanes } = numbersOf(USAGE, values, ['count', 'seed', 'lanes']);

const scores = new Map(places.map((place) => [place, new Score()]));
process.on('SIGINT', () => {
  endAll();
  finish();
});

console.log(`seed ${seed}`);
const instrumented = places.every(isCore) ? undefined : await instrument(FOLDERS);
const chosen = places.map((place) => ({ place, sample: draw(mutantsAt(place)) }));
const dryRuns = instrumented && new DryRuns(instrumented, seed);

// In turns, so that a run that is stopped has tried as many of each place.
const waiting = chosen
  .flatMap(({ place, sample }) => sample.map((mutant, turn) => ({ place, mutant, turn })))
  .sort((a, b) => a.turn - b.turn);
const total = waiting.length;
await Promise.all(
  Array.from({ length: lanes }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await attempt(next);
  }),
);
finish();

async function attempt({ place, mutant }: { place: string; mutant: Mutant }): Promise<void> {
  const { outcome, suites } =
    dryRuns === undefined || isCore(mutant.file)
      ? await tryCoreMutant(mutant)
      : await tryMutant(mutant, dryRuns.sources, dryRuns, seed);
  const score = scores.get(place)!;
  score.add(outcome);
  console.error(
    `${total - waiting.length}/${total} ${mutant.file}:${mutant.line} ${outcome} ${suites.at(-1) ?? ''}`,
  );
  if (outcome === 'survived' || outcome === 'no test') console.log(described(mutant, outcome, suites));
}

function mutantsAt(place: string): readonly Mutant[] {
  const [, path, line] = /^(.*?)\/?(?::(\d+))?$/.exec(place)!;
  const all = instrumented === undefined || isCore(path!) ? coreMutants(path!) : instrumented.mutants;
  const found = all.filter(
    (mutant) =>
      (mutant.file === path || mutant.file.startsWith(`${path}/`)) &&
      (line === undefined || mutant.line === Number(line)),
  );
  if (found.length > 0) return found;
  console.error(`there is nothing to change at ${place}; folders: ${FOLDERS.join(', ')}`);
  process.exit(2);
}

/** Whether the specs of the core test a file. */
function isCore(path: string): boolean {
  return path.startsWith('assembly/');
}

/** Up to `count` mutants, each as likely as any other. */
function draw(mutants: readonly Mutant[]): Mutant[] {
  const random = new RandomStream(seed, 0);
  const left = mutants.slice();
  const size = Math.min(count, left.length);
  return Array.from({ length: size }, () => left.splice(Math.floor(random.next() * left.length), 1)[0]!);
}

function described(mutant: Mutant, outcome: Outcome, suites: readonly string[]): string {
  const lines = (sign: string, text: string) => text.split('\n').map((line) => `  ${sign} ${line.trim()}`);
  const changed = [...lines('-', mutant.original), ...lines('+', mutant.replacement)];
  const near =
    suites.length > 0 ? [`  ${suites.length} suites run it: ${suites.slice(0, 3).join(', ')}`] : [];
  return [`${outcome}: ${mutant.file}:${mutant.line} (${mutant.mutator})`, ...changed, ...near].join('\n');
}

/** Prints the score of each place and of all. */
function finish(): never {
  const all = new Score();
  for (const [place, score] of scores) {
    console.log(`${place}: ${score}`);
    all.merge(score);
  }
  console.log(`${all}, seed ${seed}`);
  process.exit(all.unnoticed > 0 ? 1 : 0);
}
