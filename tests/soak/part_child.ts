import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type PartMessage, type PartOrder, STOP } from './protocol.js';
import { PROBE_FLAGS } from './readings/node_process.js';
import type { PartRecord } from './verdict/report.js';

const SCRIPT = fileURLToPath(new URL('part_process.ts', import.meta.url));
const LOADER = fileURLToPath(new URL('../../scripts/ts_loader.mjs', import.meta.url));

/** glibc's allocator gives blocks of 64 KiB and more back when they are freed, so that resident memory shows what is in use. */
const GIVES_BACK = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '65536' };

/** The process of a part, and what it has told. */
export class PartChild {
  readonly record: PartRecord;
  /** Resolves when it has ended. */
  readonly ended: Promise<unknown>;
  /** Resolves when it begins its first round, or has ended. */
  readonly ready: Promise<unknown>;
  readonly #child;

  /** `onWrong` is called with each thing that was wrong, once. */
  constructor(order: PartOrder, onWrong: (message: string) => void) {
    const { name } = order;
    this.record = { name, readings: [], wrong: [], acts: {} };
    const wrong = (message: string) => {
      this.record.wrong.push(message);
      onWrong(`${name}: ${message}`);
    };
    // In a group of its own, so that Ctrl-C does not reach its server and its browser.
    this.#child = fork(SCRIPT, [JSON.stringify(order)], {
      ...{ execArgv: [...PROBE_FLAGS, '--import', LOADER], detached: true },
      env: { ...process.env, ...GIVES_BACK },
      stdio: ['ignore', 2, 'inherit', 'ipc'],
    });
    let start = 0;
    const ready = new Promise<void>((resolve) => {
      this.#child.on('message', (message: PartMessage) => {
        if (message.kind === 'ready') {
          start = performance.now();
          resolve();
        } else if (message.kind === 'wrong') {
          wrong(message.message);
        } else {
          const { reading, acts } = message;
          this.record.readings.push({ hours: (performance.now() - start) / 3_600_000, reading });
          this.record.acts = acts;
        }
      });
    });
    this.ended = once(this.#child, 'close').then(([status, signal]) => {
      if (status !== 0) wrong(`the process ended with ${signal ?? `status ${status}`}`);
    });
    this.ready = Promise.race([ready, this.ended]);
  }

  /** Lets it finish its round. */
  async end(): Promise<void> {
    if (this.#child.connected) this.#child.send(STOP);
    await this.ended;
  }
}
