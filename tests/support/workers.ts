import type { Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';

/** Watches the workers that this process starts from now on; `ended` waits until none runs. */
export function watchWorkers(): { running: ReadonlySet<Worker>; ended(): Promise<void> } {
  const running = new Set<Worker>();
  process.on('worker', (worker) => {
    running.add(worker);
    worker.on('exit', () => running.delete(worker));
  });
  return {
    running,
    async ended() {
      const late = Date.now() + 300_000;
      while (running.size > 0) {
        if (Date.now() > late) assert.unreachable(`${running.size} workers go on`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  };
}
