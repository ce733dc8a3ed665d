// npm test: the core's specs on both builds, the suites and the checks; ends with the count of what passed.
// `npm test -- WORD ...` runs what the words name (suites.mjs): parts of paths, or the path of a source file.
// `npm run test:quick` leaves out what takes long, and lists it.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import { installChromium } from './browser.mjs';
import { bin, root } from './run.mjs';
import { allSpecs, allSuites, grouped, isSlow, named, slowestFirst } from './suites.mjs';

/** The closing lines of uvu and of as-pect. */
const TOTALS =
  /Total:\s+(?<total>\d+)\s+Passed:\s+(?<passed>\d+)\s+Skipped:\s+(?<skips>\d+)|\[Tests\]:\s+(?<passedSpecs>\d+) \/ (?<specs>\d+)/g;

/** A suite that hangs is ended; on a slow machine the longest take some minutes. */
const LONGEST_MS = 15 * 60_000;

/** An address, which leads there from any working directory. */
const LOADER = new URL('./ts_loader.mjs', import.meta.url).href;
/** Ends a suite that connects to another machine. */
const GUARD = new URL('../tests/support/only_this_machine.mjs', import.meta.url).href;

const words = process.argv.slice(2).filter((word) => word !== '--quick');
const isQuick = process.argv.includes('--quick');
const isEverything = words.length === 0;

const wanted = isEverything ? [...allSuites(), ...allSpecs()] : named(words);
if (wanted.length === 0) {
  console.error(`No suite or spec belongs to: ${words.join(' ')}`);
  process.exit(2);
}
const specs = wanted.filter((name) => name.endsWith('.spec.ts'));
const suites = slowestFirst(wanted.filter((name) => name.endsWith('.test.ts')));
const leftOut = isQuick ? suites.filter(isSlow) : [];

const chosen = suites.filter((name) => !leftOut.includes(name));
const jobs = [
  ...(specs.length > 0 ? [coreSpecs('simd', 'as-pect.asconfig.json')] : []),
  ...(specs.length > 0 && !isQuick ? [coreSpecs('relaxed', 'as-pect.relaxed.asconfig.json')] : []),
  ...(isEverything ? [checks()] : []),
  ...grouped(chosen).map((group) => ({
    title: group.join(' '),
    args: ['--import', GUARD, '--import', LOADER, 'scripts/suite_group.mjs', ...group],
    suites: group,
  })),
];

if (!isQuick) installChromium();

const count = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const waiting = jobs.slice();
// One more than there are processors: suites in a browser and those of HTTP wait more than they compute.
const lanes = Math.min(availableParallelism() + 1, 4);
const began = performance.now();
await Promise.all(
  Array.from({ length: lanes }, async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await runJob(job);
  }),
);

for (const title of failures) console.error(`failed: ${title}`);
if (isQuick) {
  const more = isEverything ? ['the relaxed build of the core specs', 'the packed tarball'] : [];
  console.log(['\nNot run by test:quick:', ...more, ...leftOut].join('\n  '));
}
// The suites print the names of what they skip, and why.
const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
console.log(`\n${count.passed} passed, ${count.failed} failed${skipped} in ${secondsSince(began)} s`);
process.exit(failures.length === 0 ? 0 : 1);

function coreSpecs(build, config) {
  const args = [bin.aspect, '--as-config', config];
  return { title: `core specs, ${build} build`, args, env: { SPECS: specs.join() } };
}

function checks() {
  if (isQuick)
    return { title: 'types, lint, format', args: ['scripts/check.mjs', '--quick'], isSuite: false };
  return { title: 'types, lint, format, package', args: ['scripts/check.mjs'] };
}

function secondsSince(start) {
  return ((performance.now() - start) / 1000).toFixed(1);
}

/** Runs one job to its end, prints what it printed, and counts. */
async function runJob({ title, args, env, suites, isSuite = true }) {
  const start = performance.now();
  const { status, output } = await finished(args, env);
  if (suites === undefined) return tell({ title, output, status, isSuite, seconds: secondsSince(start) });
  const before = failures.length;
  const sections = sectionsOf(output, suites);
  for (const { name, text, seconds } of sections) {
    // The process has ended in a suite without a time.
    if (seconds !== undefined) tell({ title: name, output: text, status: 0, seconds });
    else tell({ title: name, output: text, status: status || 'ended early', seconds: secondsSince(start) });
  }
  for (const name of suites.slice(sections.length))
    tell({ title: name, output: 'its process ended before', status: 'not run', seconds: '0.0' });
  // After all suites, or by an exit code that a suite has set.
  if (status !== 0 && failures.length === before)
    tell({ title, output: '', status, seconds: secondsSince(start) });
}

/** The output of each suite that a group has begun; `seconds` is missing if the process ended in it. */
function sectionsOf(output, suites) {
  const parts = output.split(/^suite ended after (\S+) s\n/m);
  const sections = [];
  for (let i = 0; i < parts.length; i += 2) {
    const name = suites[i / 2];
    if (name !== undefined) sections.push({ name, text: parts[i], seconds: parts[i + 1] });
    else if (parts[i].trim() !== '') sections.at(-1).text += parts[i];
  }
  return sections;
}

/** Counts a suite, the specs of a build or the checks, and prints how they ended. */
function tell({ title, seconds, output, status, isSuite = true }) {
  const totals = Array.from(output.matchAll(TOTALS), ({ groups }) => ({
    total: Number(groups.total ?? groups.specs),
    passed: Number(groups.passed ?? groups.passedSpecs),
    skipped: Number(groups.skips ?? 0),
  }));
  const failed = totals.reduce((sum, { total, passed }) => sum + total - passed, 0);
  for (const { passed, skipped } of totals) {
    count.passed += passed;
    count.skipped += skipped;
  }
  count.failed += failed;
  const hasRun = !isSuite || totals.length > 0 || output.includes('SKIPPED');
  const isGood = status === 0 && failed === 0 && hasRun;
  if (!isGood) {
    failures.push(`${title} (status ${status})`);
    if (failed === 0) count.failed++;
  }
  // Of what passed, the lines about skipped tests and warnings are shown.
  const shown = isGood
    ? output.split('\n').filter((line) => /^skipped: |SKIPPED/.test(line))
    : [output.trimEnd()];
  console.log([`${isGood ? 'ok' : 'FAIL'}  ${title}  ${seconds} s`, ...shown].join('\n'));
}

function finished(args, env) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    // The runners count in colours otherwise.
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const timer = setTimeout(() => {
    output += `\nended after ${LONGEST_MS / 60_000} minutes: it hangs\n`;
    child.kill('SIGKILL');
  }, LONGEST_MS);
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ status: code ?? signal, output: stripVTControlCharacters(output) });
    });
  });
}
