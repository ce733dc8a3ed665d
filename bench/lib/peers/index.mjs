// gpt2-wasm and its peers on the same random weights, and the machine's limits, in one run.
import { machine, nodeProgram, nodeVersion } from '../machine.mjs';
import { fail } from '../process.mjs';
import { measureLoads } from './loads.mjs';
import { measurePeers } from './measure.mjs';
import { FORMATS, PACKAGES } from './runs.mjs';
import { targets } from './targets.mjs';

export { print } from './report.mjs';

/** Relaxed SIMD needs Node 22 or newer; this is the version that most people run. */
const NODE = '24';

export async function run({ node: major = NODE, formats, rounds = '5', only }) {
  const start = performance.now();
  const node = nodeProgram(major);
  const chosen = formats.split(',');
  const unknown = chosen.find((name) => !FORMATS.includes(name));
  if (unknown !== undefined) fail(`there is no format ${unknown}: --formats takes ${FORMATS.join(', ')}`);
  const measured = await measurePeers({ formats: chosen, rounds: Number(rounds), node, only });
  const loads = measureLoads({ node });
  const report = {
    machine: machine([nodeVersion(node)], { peers: PACKAGES, inChromium: true }),
    ...measured,
    loads,
  };
  return { ...report, targets: targets(report), minutes: (performance.now() - start) / 60_000 };
}
