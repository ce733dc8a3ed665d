// npm run matrix: generates the same 64 tokens, compresses them and traces a text in every runtime, and prints a table
// of the results.
import { setUp } from './lib/app.mjs';
import { runBrowsers } from './lib/browsers.mjs';
import { runBundlers } from './lib/bundlers.mjs';
import { runEdge } from './lib/edge.mjs';
import { runPrograms } from './lib/programs.mjs';
import { runServers } from './lib/servers.mjs';
import { runToolchains } from './lib/toolchains.mjs';

const COLUMNS = ['runtime', 'version', 'where', 'build', 'threads', 'tokens/s', 'identical'];

setUp();
const rows = [];
let reference;
let served;

const PARTS = {
  programs: runPrograms,
  servers: runServers,
  edge: runEdge,
  browsers: runBrowsers,
  bundlers: runBundlers,
  toolchains: runToolchains,
};
// Names of parts on the command line select those parts.
const chosen = process.argv.slice(2);
for (const [name, part] of Object.entries(PARTS)) {
  if (chosen.length === 0 || chosen.includes(name)) await part(report);
}
console.log(line(COLUMNS));
console.log(line(COLUMNS.map(() => '---')));
for (const cells of together(rows)) console.log(line(cells));
process.exit(rows.every(({ good }) => good) ? 0 : 1);

/** Runs one cell of the matrix. All simd builds must give the result of the first one, all servers the same bytes. */
async function report({ runtime, version = '', where = '', build = '', problem }, tell) {
  let row = { runtime, version, where, build, threads: '', rate: 0, verdict: problem, good: false };
  try {
    if (tell) {
      const told = await tell();
      if (told.answers !== undefined) {
        served ??= told.answers;
        const good = told.answers === served && served.includes('[DONE]');
        row = { ...row, verdict: good ? 'yes' : 'NO', good };
      } else row = { ...row, ...rowOf(told) };
    }
  } catch (error) {
    row.verdict = `failed: ${String(error.message).split('\n')[0]}`;
  }
  rows.push(row);
  console.error(cellsOf(row).join(' '));
}

/** What a story says about its runtime. */
function rowOf({ hash, forms, compressed, traced, tokens, build, threads, tokensPerSecond: rate }) {
  const told = JSON.stringify([hash, forms]);
  const bits = JSON.stringify([compressed, traced]);
  reference ??= { told, bits };
  // Every runtime opens its own file, so that equal ones open everywhere.
  const same = told === reference.told && (build !== 'simd' || bits === reference.bits);
  const verdict = same ? 'yes' : build === 'simd' ? 'NO' : 'other last bits';
  return { build, threads, rate, verdict, good: tokens.length === 64 && (same || build !== 'simd') };
}

/** One line for all cells of a runtime with the same result, with their highest rate. */
function together(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return Array.from(groups.values(), (group) => {
    const where = [...new Set(group.map((row) => row.where))].join(', ');
    return cellsOf({ ...group[0], where, rate: Math.max(...group.map(({ rate }) => rate)) });
  });
}

function keyOf({ runtime, version, build, threads, verdict }) {
  return JSON.stringify([runtime, version, build, threads, verdict]);
}

function cellsOf({ runtime, version, where, build, threads, rate, verdict }) {
  return [runtime, version, where, build, threads, rate > 0 ? Math.round(rate) : '', verdict];
}

function line(cells) {
  return `| ${cells.join(' | ')} |`;
}
