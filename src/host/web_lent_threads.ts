import type { ThreadLender, ThreadRequest } from './threads.js';
import { newThread } from './web_threads.js';

/** Threads that this realm creates for the models of a worker of its own. */
export class LentThreads implements ThreadLender {
  readonly #workers = new Set<Worker>();

  lend({ start, messages, control }: ThreadRequest): void {
    const say = (cause: unknown) =>
      control.postMessage(cause instanceof Error ? cause.message : String(cause));
    try {
      const worker = newThread(start, say, messages);
      this.#workers.add(worker);
      control.onmessage = () => {
        worker.terminate();
        this.#workers.delete(worker);
      };
    } catch (error) {
      say(error);
    }
  }

  end(): void {
    for (const worker of this.#workers) worker.terminate();
    this.#workers.clear();
  }
}
