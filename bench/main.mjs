// npm run bench -- [--json] [--node 22,24] [--repeats 9] [--text FILE]
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bin, run } from '../scripts/run.mjs';
import { machine, nodeProgram } from './lib/machine.mjs';
import { randomModel } from './lib/random_model.mjs';
import { printReport } from './lib/report.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const RUNS = ['f32', 'q8', 'q4'].flatMap((weights) => ['simd', 'relaxed'].map((build) => [build, weights]));

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    node: { type: 'string', default: process.versions.node.split('.')[0] },
    repeats: { type: 'string', default: '9' },
    text: { type: 'string' },
  },
});

setUp();
const folder = randomModel(here('.cache'));
const report = { models: [], tokenizers: [] };
const versions = [];
for (const major of options.node.split(',')) {
  const node = nodeProgram(major);
  if (!existsSync(node)) fail(`Node ${major} is not here: --node takes 20, 22, 24 and 26, on Linux on x64`);
  const version = output(node, ['--version']).trim();
  versions.push(version);
  for (const [build, weights] of RUNS) {
    console.error(`Node ${version}, ${build} build, ${weights} ...`);
    const line = output(node, [here('lib/measure_model.mjs'), build, weights, folder, options.repeats], {
      maySkip: true,
    });
    if (line !== undefined) report.models.push({ node: version, ...JSON.parse(line) });
  }
  console.error(`Node ${version}, tokenizers ...`);
  const text = options.text === undefined ? [] : [options.text];
  const rows = JSON.parse(output(node, [here('lib/measure_tokenizers.mjs'), options.repeats, ...text]));
  for (const row of rows) report.tokenizers.push({ node: version, ...row });
}
report.machine = machine(versions);
if (options.json) console.log(JSON.stringify(report, null, 2));
else printReport(report);

/** Installs the peers and compiles the peaks, each where that has not been done. */
function setUp() {
  if (!existsSync(here('node_modules/.package-lock.json'))) {
    run('npm', ['ci', '--prefix', here('.'), '--no-audit', '--no-fund', '--loglevel=error'], { stdout: 2 });
  }
  for (const build of ['simd', 'relaxed']) {
    const features = ['--enable', 'simd', ...(build === 'relaxed' ? ['--enable', 'relaxed-simd'] : [])];
    const out = ['--outFile', `bench/build/peaks-${build}.wasm`, '-O3', '--noAssert'];
    const memory = ['--runtime', 'stub', '--importMemory', '--noExportMemory', '--use', 'abort='];
    run(bin.asc, ['bench/assembly/peaks.ts', ...out, ...memory, ...features], { stdout: 2 });
  }
}

function output(program, args, { maySkip = false } = {}) {
  const { status, stdout, error } = spawnSync(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status === 0) return stdout;
  if (maySkip && status === 3) return undefined;
  fail(`${program} ${args.join(' ')} failed`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
