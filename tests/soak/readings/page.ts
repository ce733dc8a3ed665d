import type { CDPSession, Page } from 'playwright-core';
import { processUsage } from '../../../bench/lib/linux_process.mjs';
import type { Reading } from '../verdict/metrics.js';
import type { WorkerHeaps } from './worker_heaps.js';

/** Steps that Chromium keeps to undo in a page, in all of its fields together. */
const UNDO_STEPS = 1000;

/**
 * Fills Chromium's list of steps to undo with steps of a field that is removed. Other steps keep the nodes that they
 * replaced: their number would change by hundreds with what the fields were used for.
 */
function fillUndoList(page: Page): Promise<void> {
  return page.evaluate((steps) => {
    const field = document.createElement('input');
    document.body.append(field);
    field.focus();
    for (let step = 0; step < steps; step++) {
      // A selection that code makes begins a new step to undo.
      field.select();
      document.execCommand('insertText', false, 'a');
    }
    field.remove();
  }, UNDO_STEPS);
}

/** The numbers of a page, after garbage is collected, and of all processes of its browser. */
export async function readPage(
  page: Page,
  session: CDPSession,
  workerHeaps: WorkerHeaps,
  browser: CDPSession,
): Promise<Reading> {
  await fillUndoList(page);
  await session.send('Performance.enable');
  for (let round = 0; round < 3; round++) await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const metric = (name: string) => metrics.find((each) => each.name === name)!.value;
  const workers = await workerHeaps.read();
  const { stored, databases, caches } = await page.evaluate(async () => ({
    stored: (await navigator.storage.estimate()).usage!,
    databases: (await indexedDB.databases()).length,
    caches: (await globalThis.caches.keys()).length,
  }));
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
  const uses = processInfo.flatMap(({ id }) => processUsage(id) ?? []);
  const sum = (name: 'megabytes' | 'handles' | 'threads') =>
    uses.reduce((total, use) => total + use[name], 0);
  return {
    ...{ heap: metric('JSHeapUsedSize'), nodes: metric('Nodes'), listeners: metric('JSEventListeners') },
    threadHeap: workers.reduce((total, { usedSize }) => total + usedSize, 0),
    threadExternal: workers.reduce((total, { backingStorageSize }) => total + backingStorageSize, 0),
    ...{ documents: metric('Documents'), workers: workers.length },
    ...{ stored, databases: databases + caches },
    ...{ resident: sum('megabytes') * 2 ** 20, handles: sum('handles'), threads: sum('threads') },
  };
}
