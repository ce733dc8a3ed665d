import cluster, { type Worker } from 'node:cluster';
import { createInterface } from 'node:readline';
import { Gpt2Error } from '../../../base/errors.js';
import { now, startTimer, stopTimer } from '../../../base/timers.js';
import { type Family, ofWorkers } from '../../../server/metrics/exposition.js';
import { gauge } from '../../../server/metrics/metrics.js';
import { note } from '../../terminal/output.js';
import { GRACE_MS } from '../serve_models.js';
import { Backoff } from './backoff.js';
import { Calls } from './calls.js';
import { type ToPrimary, type ToWorker, WORKER_PORT } from './messages.js';

/** A worker that does not tell its metrics for so long is left out. */
const METRICS_MS = 2000;
/** Workers that have not ended so long after their answers are killed. */
const SPARE_MS = 5000;

/** Place of a worker: those that died are followed by another one. */
interface Place {
  readonly name: string;
  readonly backoff: Backoff;
  process: Worker | undefined;
  isReady: boolean;
  restarts: number;
  /** Timer of the next start. */
  timer: unknown;
}

export interface WorkersOptions {
  readonly count: number;
  readonly port: number;
  readonly quiet: boolean;
  /** Called when one that died cannot be started again. */
  readonly onFailure: (error: unknown) => void;
}

/** A worker ended before it took requests. Its message is on stderr. */
export class CannotStart extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super('a worker could not start');
    this.exitCode = exitCode;
  }
}

/** Processes that answer requests at one port, each with models of its own. */
export class Workers {
  readonly #places: readonly Place[];
  readonly #calls = new Calls<readonly Family[]>();
  readonly #options: WorkersOptions;
  #port: string;
  /** The port that was taken, if any would do. */
  #opened: string;
  #isStopping = false;

  constructor(options: WorkersOptions) {
    this.#places = Array.from({ length: options.count }, (_, index) => ({
      ...{ name: String(index + 1), backoff: new Backoff() },
      ...{ process: undefined, isReady: false, restarts: 0, timer: undefined },
    }));
    this.#port = String(options.port);
    this.#opened = this.#port;
    this.#options = options;
    // The primary writes all lines, so that none are mixed.
    cluster.setupPrimary({ stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
  }

  /**
   * Starts all, and gives their address: the first one alone, so that models are downloaded once and an error is
   * reported once. Throws CannotStart.
   */
  async start(): Promise<string> {
    const [first, ...others] = this.#places;
    const url = await this.#start(first!);
    this.#opened = new URL(url).port;
    if (this.#isStopping) return url;
    await Promise.all(others.map((place) => this.#start(place)));
    return url;
  }

  /** Lets all finish their answers, and waits for their end. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const ends = this.#places.map(
      ({ process: worker, timer: nextStart }) =>
        new Promise<void>((resolve) => {
          stopTimer(nextStart);
          if (worker === undefined) return resolve();
          const timer = startTimer(() => worker.process.kill('SIGKILL'), GRACE_MS + SPARE_MS);
          worker.process.once('close', () => {
            stopTimer(timer);
            resolve();
          });
          send(worker, { kind: 'stop' });
        }),
    );
    await Promise.all(ends);
  }

  /** Resolves to the address when the worker takes requests. */
  #start(place: Place): Promise<string> {
    // All processes must ask for the same port, also for port 0. Only if all are gone, another program could take it.
    if (this.#places.every(({ process }) => process === undefined)) this.#port = this.#opened;
    const worker = cluster.fork({ [WORKER_PORT]: this.#port });
    const started = now();
    place.process = worker;
    createInterface({ input: worker.process.stderr! }).on('line', note);
    return new Promise((resolve, reject) => {
      worker.on('message', (message: ToPrimary) => {
        if (message.kind === 'metrics') this.#calls.answer(message.call, message.families);
        if (message.kind === 'metricsWanted') void this.#tellMetrics(worker, message.call);
        if (message.kind !== 'listening') return;
        place.isReady = true;
        this.#tellCount();
        if (!this.#options.quiet) note(`worker ${place.name} takes requests: process ${worker.process.pid}`);
        resolve(message.url);
      });
      // After the last line of stderr, unlike `exit`.
      worker.process.once('close', (code: number | null, signal: string | null) => {
        // One that is killed while it is started again, for example for its memory, is started once more.
        const hasServed = place.isReady || (signal !== null && place.restarts > 0);
        place.process = undefined;
        place.isReady = false;
        this.#tellCount();
        if (!hasServed) reject(cannotStart(code, signal));
        else if (!this.#isStopping) this.#startAgain(place, now() - started, signal ?? `status ${code}`);
      });
    });
  }

  #startAgain(place: Place, livedMs: number, end: string): void {
    const ms = place.backoff.next(livedMs);
    place.restarts++;
    note(`worker ${place.name} ended with ${end}; it is started again in ${ms / 1000} s`);
    place.timer = startTimer(() => this.#start(place).catch(this.#options.onFailure), ms);
  }

  get #ready(): number {
    return this.#places.filter(({ isReady }) => isReady).length;
  }

  #tellCount(): void {
    const count = { ready: this.#ready, total: this.#places.length };
    for (const { process: worker } of this.#places) if (worker) send(worker, { kind: 'count', count });
  }

  /** Asks all workers for their metrics, on behalf of one. */
  async #tellMetrics(asking: Worker, call: number): Promise<void> {
    const ready = this.#places.filter(({ isReady }) => isReady);
    const all = ready.map(async ({ name, process: worker }) => {
      const ask = (call: number) => send(worker!, { kind: 'metricsWanted', call });
      return [name, await this.#calls.make(ask, METRICS_MS, [])] as const;
    });
    const families = [...ofWorkers(await Promise.all(all)), ...this.#ownMetrics()];
    send(asking, { kind: 'allMetrics', call, families });
  }

  #ownMetrics(): Family[] {
    const restarts = this.#places.map(({ name, restarts }) => ['', { worker: name }, restarts] as const);
    return [
      gauge('workers_ready', 'Processes that take requests.', [[{}, this.#ready]]),
      {
        name: 'gpt2_wasm_worker_restarts_total',
        type: 'counter',
        help: 'Processes that were started again after they died.',
        samples: restarts,
      },
    ];
  }
}

function cannotStart(code: number | null, signal: string | null): Error {
  if (code !== null && code !== 0) return new CannotStart(code);
  const message = `a worker was ended by ${signal ?? 'itself'} before it took requests`;
  return new Gpt2Error('runtime', message);
}

/** A worker that is gone needs no message. */
function send(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => {});
}
