import { Gpt2Error } from '../../base/errors.js';
import { threadLender } from '../../host/platform.js';
import type { Lesson, Order, Report, Saved, ThreadReport } from './protocol.js';

/** The page's end of the worker that trains, which lives from the first lesson to `dispose`. */
export class Teacher {
  readonly #onReport: (report: Report) => void;
  readonly #threads = threadLender?.();
  #worker: Worker | undefined;

  constructor(onReport: (report: Report) => void) {
    this.#onReport = onReport;
  }

  begin(lesson: Lesson): void {
    this.dispose();
    this.#worker = new Worker(new URL('./playground_trainer.js', import.meta.url), { type: 'module' });
    this.#worker.onmessage = ({ data }: MessageEvent<Report | ThreadReport>) => {
      if (data.report === 'thread') this.#threads?.lend(data.thread);
      else this.#onReport(data);
    };
    this.#worker.onerror = ({ message }) => this.#fail(message || 'its script cannot be loaded');
    this.#worker.onmessageerror = () => this.#fail('it sent a message that cannot be read');
    this.#send({ order: 'begin', lesson });
  }

  goOn(): void {
    this.#send({ order: 'goOn' });
  }

  stop(): void {
    this.#send({ order: 'stop' });
  }

  save(): void {
    this.#send({ order: 'save' });
  }

  pack(saved: Saved): void {
    this.#send({ order: 'pack', saved });
  }

  /** Ends the worker at once, and forgets the run. */
  dispose(): void {
    this.#worker?.terminate();
    this.#threads?.end();
    this.#worker = undefined;
  }

  #send(order: Order): void {
    this.#worker?.postMessage(order);
  }

  #fail(reason: string): void {
    this.dispose();
    const { code, message } = new Gpt2Error('runtime', `the worker that trains failed: ${reason}`);
    this.#onReport({ report: 'error', error: { code, message } });
  }
}
