import type { ThreadLender, ThreadRequest } from './threads.js';
import { newThread } from './web_threads.js';

/** The threads that this realm has created for the models of one of its workers. */
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
