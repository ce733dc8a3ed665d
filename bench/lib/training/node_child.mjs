// The process of an engine in JavaScript. Lines of JSON come and go: { method, ...argument }, { result } or { error }.
import { createInterface } from 'node:readline';

// Output of libraries must not get between the answers.
const answer = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

let engine;
const methods = {
  async load({ module, ...spec }) {
    const { load } = await import(`./engines/${module}.mjs`);
    engine = await load(spec);
    return { version: engine.version };
  },
  async step() {
    const start = performance.now();
    const loss = await engine.step();
    return { seconds: (performance.now() - start) / 1000, loss };
  },
  peakMegabytes: () => process.resourceUsage().maxRSS / 1024,
};

for await (const line of createInterface(process.stdin)) {
  const { method, ...argument } = JSON.parse(line);
  try {
    answer(`${JSON.stringify({ result: await methods[method](argument) })}\n`);
  } catch (error) {
    answer(`${JSON.stringify({ error: error?.message ?? String(error) })}\n`);
  }
}
process.exit();
