// npm test: the core's specs on both builds, the suites, and the checks; ends with the count of what passed.
import { stripVTControlCharacters } from 'node:util';
import { installChromium } from './browser.mjs';
import { bin, tryRun } from './run.mjs';

/** The closing lines of uvu and of as-pect. */
const TOTALS =
  /Total:\s+(?<total>\d+)\s+Passed:\s+(?<passed>\d+)\s+Skipped:\s+(?<skips>\d+)|\[Tests\]:\s+(?<passedSpecs>\d+) \/ (?<specs>\d+)/g;

const tsx = ['--import', 'tsx'];
const steps = [
  ['core specs, simd build', [bin.aspect, '--as-config', 'as-pect.asconfig.json']],
  ['core specs, relaxed build', [bin.aspect, '--as-config', 'as-pect.relaxed.asconfig.json']],
  ['test suites', [...tsx, bin.uvu, 'tests', '\\.test\\.ts$', '-i', 'package/']],
  ['types, lint, format, package', ['scripts/check.mjs']],
];

installChromium();

// The runners count in colours otherwise.
process.env.NO_COLOR = '1';

let passed = 0;
let failed = 0;
let skipped = 0;
for (const [title, [program, ...args]] of steps) {
  console.log(`\n== ${title}`);
  const { status, stdout } = tryRun(program, args, { stdout: 'pipe' });
  const output = stripVTControlCharacters(stdout);
  process.stdout.write(output);
  let counted = 0;
  for (const { groups } of output.matchAll(TOTALS)) {
    const total = Number(groups.total ?? groups.specs);
    const good = Number(groups.passed ?? groups.passedSpecs);
    counted += total;
    passed += good;
    failed += total - good;
    skipped += Number(groups.skips ?? 0);
  }
  if (status !== 0 || counted === 0) {
    console.error(`\n${title}: failed with status ${status}`);
    failed = Math.max(failed, 1);
  }
}
// The suites print the names of what they skip, and why.
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);
