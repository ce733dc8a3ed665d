// npm run matrix: runs the same features with the same drawn inputs in every runtime, and prints a table that names those whose bits
// differ.
import { commandLine, numbersOf, wrongUse } from '../../../scripts/command_line.mjs';
import { installRuntimes, setUpApp } from './lib/app.mjs';
import { runBrowsers } from './lib/browsers.mjs';
import { runBundlers } from './lib/bundlers.mjs';
import { runEdge } from './lib/edge.mjs';
import { runInstalled } from './lib/installed.mjs';
import { Matrix } from './lib/matrix.mjs';
import { runPrograms } from './lib/programs.mjs';
import { runServers } from './lib/servers.mjs';
import { runToolchains } from './lib/toolchains.mjs';

const PARTS = {
  programs: runPrograms,
  servers: runServers,
  edge: runEdge,
  browsers: runBrowsers,
  bundlers: runBundlers,
  toolchains: runToolchains,
  package: runInstalled,
};

const USAGE = `npm run matrix [-- PART ... --seed S --quick --pages N]
parts: ${Object.keys(PARTS).join(', ')}`;

const { values, positionals } = commandLine(USAGE, {
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    // Only cells that run all features.
    quick: { type: 'boolean', default: false },
    // Enough to find a fault that affects one page in fifty.
    pages: { type: 'string', default: '100' },
  },
});
const unknown = positionals.filter((name) => !(name in PARTS));
if (unknown.length > 0) wrongUse(USAGE, `there is no part ${unknown.join(', ')}`);
const { seed, pages } = numbersOf(USAGE, values, ['seed', 'pages']);
const matrix = new Matrix(seed, values.quick);
console.log(`seed ${matrix.seed}`);
const chosen = positionals.length > 0 ? positionals : Object.keys(PARTS);
installRuntimes();
// The part "package" installs it by itself.
if (chosen.some((name) => name !== 'package')) setUpApp();
for (const [name, part] of Object.entries(PARTS)) {
  if (chosen.includes(name)) await part(matrix.report, { pages });
}
for (const line of matrix.table()) console.log(line);
console.log(`${matrix.cells} cells, ${matrix.failed} failed, seed ${matrix.seed}`);
process.exit(matrix.failed === 0 ? 0 : 1);
