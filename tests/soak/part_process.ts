// Runs one part in a process of its own: part_process.ts ORDER, which is JSON. Ends when it is told to, or nobody listens.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StartPart } from './part.js';
import { type PartMessage, type PartOrder, STOP } from './protocol.js';
import { soak } from './rounds.js';

const order: PartOrder = JSON.parse(process.argv[2]!);
let isOver = false;
process.on('message', (message) => {
  if (message === STOP) isOver = true;
});
process.on('disconnect', () => {
  isOver = true;
});
const tell = (message: PartMessage) => {
  if (process.connected) process.send!(message);
};

const folder = mkdtempSync(join(tmpdir(), `gpt2-wasm-soak-${order.name}-`));
try {
  const { start }: { start: StartPart } = await import(`./parts/${order.name}.js`);
  const part = await start(folder);
  try {
    tell({ kind: 'ready' });
    await soak(part, order, () => isOver, tell);
  } finally {
    await part.end();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (process.connected) process.disconnect();
