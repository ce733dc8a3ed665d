// npm run coverage: the lines of src/ that the suites in Node run, by folder, as docs/coverage.md. Those in a browser are
// left out. `npm run coverage -- WORD ...` adds the suites that the words name to what build/coverage has already.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bin, root, run, tryRun } from './run.mjs';
import { allSuites, named } from './suites.mjs';

const FOLDER = join(root, 'build/coverage');
/** The compiled sources with source maps; tests/cli starts them instead of the build. */
const COMPILED = 'coverage';
const RAW = join(FOLDER, 'raw');
const PAGE = 'docs/coverage.md';
/** Files with a smaller share of their lines run are gaps. */
const ENOUGH = 0.7;
/** Code that only a browser runs; the suites of tests/ that start one test it. */
const IN_BROWSER = /^src\/playground\/|[_/]web[_.]/;

const words = process.argv.slice(2);
const wanted = words.length > 0 ? named(words) : allSuites();
const suites = wanted.filter((name) => name.endsWith('.test.ts') && !name.includes('/browser/'));
if (words.length === 0) rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(RAW, { recursive: true });
const maps = ['--inlineSourceMap', '--inlineSources', '--declaration', 'false', '--declarationDir', 'null'];
run(bin.tsc, ['-p', 'tsconfig.build.json', '--outDir', COMPILED, ...maps]);
// Node writes what each process ran, those that the suites start included.
process.env.NODE_V8_COVERAGE = RAW;
const tests = tryRun('scripts/test.mjs', suites);
delete process.env.NODE_V8_COVERAGE;
const report = tryRun(bin.c8, [
  ...['report', '--temp-directory', RAW, '--merge-async', '--reports-dir', FOLDER],
  ...['--reporter', 'json-summary', '--all', '--src', 'src', '--include', 'src/**', '--exclude-after-remap'],
]);
if (report.status !== 0) process.exit(1);
const { total: _, ...summary } = JSON.parse(readFileSync(join(FOLDER, 'coverage-summary.json'), 'utf8'));
const files = Object.entries(summary)
  .map(([path, { lines }]) => ({
    path: path.slice(root.length).replaceAll('\\', '/'),
    total: lines.total,
    covered: lines.covered,
  }))
  .filter(({ path, covered }) => covered > 0 || hasCode(path));
writeFileSync(join(root, PAGE), page(files));
console.log(`wrote ${PAGE}`);
process.exit(tests.status ?? 1);

/** Whether anything is left of a file once its types are gone. */
function hasCode(path) {
  const code = readFileSync(join(root, COMPILED, path.replace(/\.ts$/, '.js')), 'utf8');
  return /\S/.test(code.replace(/\/\*[\s\S]*?\*\/|\/\/.*|export \{\};/g, ''));
}

function page(files) {
  const folders = new Map();
  for (const file of files) {
    const folder = dirname(file.path).split('/').slice(0, 2).join('/');
    folders.set(folder, [...(folders.get(folder) ?? []), file]);
  }
  const gaps = files.filter(({ path, covered, total }) => covered < ENOUGH * total && !IN_BROWSER.test(path));
  return `# Coverage

Lines of \`src/\` that the suites in Node run; comments and blank lines inside what runs count too, files that hold
only types do not. \`npm run coverage\` writes this page.

Two things are tested but not counted: what only a browser runs (\`src/playground/\`, files whose names say \`web\`, the Cache
storage of \`src/files/http/file_cache.ts\`), since the suites of Chromium are left out; and threads, which are ended from
outside before they can report.

| folder | files | lines | run |
|---|---:|---:|---:|
${[...folders].map(([name, inside]) => row(`\`${name}\``, inside)).join('\n')}
${row('all', files)}

## Gaps

Other files of which less than ${100 * ENOUGH} % is run:

${gaps.map((file) => `- \`${file.path}\`: ${percent([file])}`).join('\n') || 'none'}
`;
}

function row(name, files) {
  const lines = files.reduce((sum, { total }) => sum + total, 0);
  return `| ${name} | ${files.length} | ${lines} | ${percent(files)} |`;
}

function percent(files) {
  const sum = (key) => files.reduce((total, file) => total + file[key], 0);
  return `${((100 * sum('covered')) / sum('total')).toFixed(1)} %`;
}
