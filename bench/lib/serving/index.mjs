// Measures a server: requests at rising rates in an open loop, streams at once, and prompts that it has seen.
import { machine } from '../machine.mjs';
import { fail } from '../process.mjs';
import { coresFor } from './arithmetic.mjs';
import { closeConnections } from './client.mjs';
import { measureRates } from './rates.mjs';
import { measureRepeated } from './repeated.mjs';
import { ServerProcess } from './server_process.mjs';
import { measureStreams } from './streams.mjs';

export { print } from './report.mjs';

const PARTS = { rates: measureRates, streams: measureStreams, repeated: measureRepeated };

/** Assumptions of the figure for a million users. */
export const AUDIENCE = { users: 1e6, requestsPerDay: 10, peakFactor: 3 };

export async function run({
  model,
  weights,
  build = 'simd',
  seconds = '20',
  rate: rates,
  rounds = '3',
  only,
}) {
  const start = performance.now();
  const names = Object.keys(PARTS).filter((name) => name.includes(only));
  if (names.length === 0) fail(`there is no part ${only}: --only takes ${Object.keys(PARTS).join(', ')}`);
  const options = {
    model,
    ...{ weights, build },
    seconds: Number(seconds),
    rates: rates?.map(Number),
    rounds: Number(rounds),
  };
  const server = await ServerProcess.start({ model, weights, build });
  const loaded = server.usage();
  const parts = {};
  try {
    for (const name of names) parts[name] = await PARTS[name](server, options);
  } finally {
    closeConnections();
    await server.end();
  }
  const held = parts.rates?.held;
  return {
    ...{
      machine: machine([process.version]),
      model: model ?? 'the model in the package',
      weights,
      build,
      parts,
    },
    megabytes: loaded && { loaded: loaded.megabytes, most: parts.rates?.peakMegabytes },
    ...(held && { audience: { ...AUDIENCE, cores: coresFor(AUDIENCE, held.perCore) } }),
    minutes: (performance.now() - start) / 60_000,
  };
}
