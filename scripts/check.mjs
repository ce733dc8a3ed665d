// Everything about the code that is not a test of its behaviour: types, lint, format, layers, and the package's shape.
// With --quick, without the package.
import { bin, run } from './run.mjs';

run(bin.tsc, ['-p', 'tsconfig.json']);
run(bin.biome, ['ci', '--error-on-warnings']);
run('scripts/layers.mjs', []);
if (!process.argv.includes('--quick')) {
  run(bin.publint, ['--strict']);
  run('node_modules/tsx/dist/cli.mjs', ['tests/e2e/package/tarball.test.ts']);
}
