// npm test: the core's specs on both builds, the suites, and the checks; ends with a count of what passed.
import { bin, tryRun } from './run.mjs';

const steps = [
  ['core specs, simd build', bin.aspect, ['--config', 'as-pect.config.js']],
  [
    'test suites',
    'node_modules/tsx/dist/cli.mjs',
    [bin.uvu, 'tests', '\\.test\\.ts$', '-i', 'tests/package'],
  ],
  ['types, lint, format, package', 'scripts/check.mjs', []],
];
