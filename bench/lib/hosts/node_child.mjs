// The process that a NodeHost speaks with.
import { Runner } from './runner.mjs';

const runner = new Runner();
const methods = {
  load: (spec) => runner.load(spec),
  generate: (work) => runner.generate(work),
  call: (work) => runner.call(work),
  peakMegabytes: () => process.resourceUsage().maxRSS / 1024,
};

process.on('message', async ({ method, argument }) => {
  try {
    process.send({ result: await methods[method](argument) });
  } catch (error) {
    process.send({ error: error?.message ?? String(error) });
  }
});
process.on('disconnect', () => process.exit());
