import type { Job, JobPlace } from '../job.js';
import type { Tuning } from '../tuning.js';

/** What a thread needs to know to begin. */
export interface ThreadStart extends JobPlace {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** This thread's number, from 0, and how many there are. */
  readonly index: number;
  readonly count: number;
  /** Address of what the threads meet at, and of the job: JOB_FIELDS 4-byte numbers. */
  readonly meeting: number;
  readonly job: number;
  readonly tuning: Tuning;
}

/** What a thread says: that it waits for jobs, or, the first one, that a job is done by all. */
export type ThreadMessage = 'ready' | 'done';

/** A worker as the pool sees it. */
export interface Thread {
  /** Whether the process stays alive for it. */
  keepAlive(alive: boolean): void;
  terminate(): void;
}

export interface ThreadEvents {
  onMessage(message: ThreadMessage): void;
  /** The worker has ended, for whatever reason. */
  onEnd(cause: unknown): void;
}

/** What a platform offers: `src/node/threads.ts` or `src/browser/threads.ts`. */
export interface ThreadPlatform {
  /** Processors that this process may use. */
  processors(): number;
  /** Whether a worker is created only once the one before it is ready. */
  readonly oneByOne: boolean;
  startThread(start: ThreadStart, events: ThreadEvents): Thread;
}

/** A worker's wish for a thread, which its owner creates. */
export interface ThreadRequest {
  readonly start: ThreadStart;
  /** Gets the thread's `ThreadMessage`s. */
  readonly messages: MessagePort;
  /** Gets the reason why the thread has ended, a string; any message that comes from it ends the thread. */
  readonly control: MessagePort;
}

/** Sends a request to the owner; the ports of the request are transferred. */
export type AskForThread = (request: ThreadRequest, transfer: MessagePort[]) => void;

/** Creates the threads that the models of a worker ask for. */
export interface ThreadLender {
  lend(request: ThreadRequest): void;
  /** Ends all of them. */
  end(): void;
}

const FIELDS = [
  'cache',
  'rows',
  'start',
  'firstLayer',
  'endLayer',
  'firstLogits',
  'logitsRows',
  'training',
] as const;

export const JOB_FIELDS: number = FIELDS.length;

export function writeJob(memory: WebAssembly.Memory, address: number, job: Job): void {
  new Uint32Array(memory.buffer, address, JOB_FIELDS).set(FIELDS.map((field) => job[field] ?? 0));
}

export function readJob(memory: WebAssembly.Memory, address: number): Job {
  const numbers = new Uint32Array(memory.buffer, address, JOB_FIELDS);
  return Object.fromEntries(FIELDS.map((field, i) => [field, numbers[i]!])) as Record<keyof Job, number>;
}
