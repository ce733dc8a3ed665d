// npm test: the core's specs on both builds, the suites, and the checks; ends with the count of what passed.
// `npm test -- generate/ worker` runs the suites alone whose paths have one of these words.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, sep } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { installChromium } from './browser.mjs';
import { bin, root } from './run.mjs';

/** The closing lines of uvu and of as-pect. */
const TOTALS =
  /Total:\s+(?<total>\d+)\s+Passed:\s+(?<passed>\d+)\s+Skipped:\s+(?<skips>\d+)|\[Tests\]:\s+(?<passedSpecs>\d+) \/ (?<specs>\d+)/g;

/** A suite that hangs is ended; on a slow machine the longest take some minutes. */
const LONGEST_MS = 15 * 60_000;

const words = process.argv.slice(2);
const suites = readdirSync(join(root, 'tests'), { recursive: true })
  .map((name) => `tests/${name.split(sep).join('/')}`)
  .filter((name) => name.endsWith('.test.ts') && !/node_modules|tests\/package\//.test(name))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .sort();
// Each suite is a process, so that none depends on what another one leaves behind.
const jobs = [
  ...(words.length > 0
    ? []
    : [
        ['core specs, simd build', [bin.aspect, '--as-config', 'as-pect.asconfig.json']],
        ['core specs, relaxed build', [bin.aspect, '--as-config', 'as-pect.relaxed.asconfig.json']],
        ['types, lint, format, package', ['scripts/check.mjs']],
      ]),
  ...suites.map((name) => [name, ['--import', 'tsx', name]]),
];

installChromium();

const count = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const waiting = jobs.slice();
const lanes = Math.min(availableParallelism(), 4);
await Promise.all(
  Array.from({ length: lanes }, async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await runJob(...job);
  }),
);

for (const title of failures) console.error(`failed: ${title}`);
// The suites print the names of what they skip, and why.
const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
console.log(`\n${count.passed} passed, ${count.failed} failed${skipped}`);
process.exit(failures.length === 0 ? 0 : 1);

/** Runs one job to its end, prints what it printed, and counts. */
async function runJob(title, args) {
  const began = performance.now();
  const { status, output } = await finished(args);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
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
  const isGood = status === 0 && failed === 0 && (totals.length > 0 || output.includes('SKIPPED'));
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

function finished(args) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    // The runners count in colours otherwise.
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
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
