import type { CDPSession } from 'playwright-core';

/** Bytes of a worker's heap and buffers. */
export interface HeapUse {
  readonly usedSize: number;
  readonly backingStorageSize: number;
}

type Send = (method: string, params?: object) => Promise<unknown>;
type Listen = (event: string, listener: (params: never) => void) => void;

/** The workers of a page, which answer through the session of the page. */
export class WorkerHeaps {
  readonly #send: Send;
  readonly #workers = new Set<string>();
  /** Answers that are waited for, by the session of a worker and the number of the question. */
  readonly #waiting = new Map<string, Map<number, (result: HeapUse | undefined) => void>>();
  #asked = 0;

  private constructor(session: CDPSession) {
    // Playwright has no types for these.
    const { send, on } = session as unknown as { send: Send; on: Listen };
    this.#send = send.bind(session);
    const listen = on.bind(session);
    listen('Target.attachedToTarget', ({ sessionId }: { sessionId: string }) => {
      this.#workers.add(sessionId);
      this.#waiting.set(sessionId, new Map());
    });
    listen('Target.detachedFromTarget', ({ sessionId }: { sessionId: string }) => {
      this.#workers.delete(sessionId);
      for (const answer of this.#waiting.get(sessionId)?.values() ?? []) answer(undefined);
      this.#waiting.delete(sessionId);
    });
    listen(
      'Target.receivedMessageFromTarget',
      ({ sessionId, message }: { sessionId: string; message: string }) => {
        const { id, result } = JSON.parse(message);
        this.#waiting.get(sessionId)?.get(id)?.(result);
      },
    );
  }

  static async of(session: CDPSession): Promise<WorkerHeaps> {
    const heaps = new WorkerHeaps(session);
    const options = { autoAttach: true, waitForDebuggerOnStart: false, flatten: false };
    await heaps.#send('Target.setAutoAttach', options);
    return heaps;
  }

  /** The use of all workers after their garbage is collected. */
  async read(): Promise<HeapUse[]> {
    const uses: HeapUse[] = [];
    for (const worker of [...this.#workers]) {
      await this.#ask(worker, 'HeapProfiler.collectGarbage');
      const use = await this.#ask(worker, 'Runtime.getHeapUsage');
      if (use !== undefined) uses.push(use);
    }
    return uses;
  }

  /** Undefined if the worker has ended. */
  #ask(sessionId: string, method: string): Promise<HeapUse | undefined> {
    const waiting = this.#waiting.get(sessionId);
    if (waiting === undefined) return Promise.resolve(undefined);
    const id = ++this.#asked;
    const message = JSON.stringify({ id, method });
    return new Promise((resolve) => {
      const answer = (result: HeapUse | undefined) => {
        waiting.delete(id);
        resolve(result);
      };
      waiting.set(id, answer);
      this.#send('Target.sendMessageToTarget', { sessionId, message }).catch(() => answer(undefined));
    });
  }
}
