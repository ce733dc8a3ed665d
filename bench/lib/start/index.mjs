// The first text of the embedded model in a new process and in a new page, and what a page downloads for it.
import { ChromiumHost } from '../hosts/chromium_host.mjs';
import { NodeHost } from '../hosts/node_host.mjs';
import { machine, nodeProgram, nodeVersion } from '../machine.mjs';
import { printMachine, spread, table } from '../markdown.mjs';
import { summary } from '../stats.mjs';

const NODE = '24';
const RUNS = [
  { where: 'Node', Host: NodeHost, module: 'first_text_node' },
  { where: 'Chromium', Host: ChromiumHost, module: 'first_text_page' },
].flatMap((run) => ['simd', 'relaxed'].map((build) => ({ ...run, build })));

export async function run({ node: major = NODE, rounds = '9' }) {
  const node = nodeProgram(major);
  const samples = RUNS.map(() => []);
  for (let round = 0; round < Number(rounds); round++) {
    console.error(`round ${round + 1} of ${rounds} ...`);
    for (const [i, run] of RUNS.entries()) samples[i].push(await sample(run, node));
  }
  const rows = RUNS.map(({ where, build }, i) => ({
    ...{ where, build, downloads: samples[i][0].downloads },
    loaded: summary(samples[i].map(({ loaded }) => loaded)),
    first: summary(samples[i].map(({ first }) => first)),
  }));
  return { machine: machine([nodeVersion(node)], { inChromium: true }), rows };
}

async function sample({ Host, module, build }, node) {
  const host = await Host.start({ module, build, files: {} }, { node });
  try {
    await host.load();
    return { ...(await host.call('firstText')), downloads: host.downloads() };
  } finally {
    await host.end();
  }
}

export function print({ machine, rows }) {
  printMachine(machine);
  table(
    'The embedded model, from the start of a process or page: median (least to most)',
    ['where', 'build', 'model is loaded, ms', 'first token, ms', 'runtime, KB gzip', 'model, KB'],
    rows.map(({ where, build, loaded, first, downloads }) => [
      ...[where, build, spread(loaded, 0), spread(first, 0)],
      ...(downloads ? [kilobytes(downloads.bytes), kilobytes(downloads.modelBytes)] : ['', '']),
    ]),
  );
}

function kilobytes(bytes) {
  return (bytes / 1000).toFixed(1);
}
