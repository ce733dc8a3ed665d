import { printMachine, table } from '../markdown.mjs';

/** Prints the results of `run` as Markdown. */
export function print({ machine, model, weights, clients, minutes, counts, wrong, health, memory, log }) {
  printMachine(machine);
  console.log(`Model: ${model}${weights === undefined ? '' : `, ${weights}`}; one thread`);
  const requests = Object.values(counts).reduce((sum, count) => sum + count, 0);
  table(
    `${clients} clients for ${minutes} minutes`,
    ['requests', ...Object.keys(counts), 'wrong'],
    [[requests, ...Object.values(counts), wrong.length].map(String)],
  );
  table(
    '/health, asked every 100 ms on a new connection',
    ['answers', 'ms, p50', 'p95', 'most'],
    [[String(health.count), ...[health.p50, health.p95, health.most].map((ms) => ms.toFixed(1))]],
  );
  if (memory.every((megabytes) => megabytes !== undefined)) {
    const quarter = Math.ceil(memory.length / 4);
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const rows = [0, 1, 2, 3].map((i) => mean(memory.slice(i * quarter, (i + 1) * quarter)));
    table(
      'Resident megabytes of the server, means of the quarters of the time',
      ['first', 'second', 'third', 'last', 'most'],
      [[...rows, Math.max(...memory)].map((megabytes) => megabytes.toFixed(0))],
    );
  }
  if (log !== '') console.log(`\nThe server printed:\n\n${log.slice(0, 5000)}`);
}
