import { Gpt2Error } from '../../base/errors.js';
import { threadLender } from '../../host/workers/platform.js';
import type { Lesson, LessonCommand, Report, Saved, ThreadReport } from './protocol.js';

/** The page's side of the worker that trains. The worker exists from `begin` to `dispose`. */
export class LessonWorker {
  readonly #onReport: (report: Report) => void;
  readonly #threads = threadLender?.();
  #worker: Worker | undefined;

  constructor(onReport: (report: Report) => void) {
    this.#onReport = onReport;
  }

  begin(lesson: Lesson): void {
    this.dispose();
    const worker = new Worker(new URL('./playground_trainer.js', import.meta.url), { type: 'module' });
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<Report | ThreadReport>) => {
      // A message may have been under way when its worker was ended.
      if (worker !== this.#worker) return;
      if (data.report === 'thread') this.#threads?.lend(data.thread);
      else this.#onReport(data);
    };
    worker.onerror = ({ message }) => this.#fail(message || 'its script cannot be loaded');
    worker.onmessageerror = () => this.#fail('it sent a message that cannot be read');
    this.#send({ command: 'begin', lesson });
  }

  resume(): void {
    this.#send({ command: 'resume' });
  }

  stop(): void {
    this.#send({ command: 'stop' });
  }

  save(): void {
    this.#send({ command: 'save' });
  }

  pack(saved: Saved): void {
    this.#send({ command: 'pack', saved });
  }

  /** Whether there is a worker, with its run. */
  get runs(): boolean {
    return this.#worker !== undefined;
  }

  /** Ends the worker at once, with its run. */
  dispose(): void {
    this.#worker?.terminate();
    this.#threads?.end();
    this.#worker = undefined;
  }

  #send(command: LessonCommand): void {
    this.#worker?.postMessage(command);
  }

  #fail(reason: string): void {
    this.dispose();
    const { code, message } = new Gpt2Error('runtime', `the worker that trains failed: ${reason}`);
    this.#onReport({ report: 'error', error: { code, message } });
  }
}
