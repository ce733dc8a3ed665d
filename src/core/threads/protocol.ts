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
  startThread(start: ThreadStart, events: ThreadEvents): Thread;
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

export function writeJob({ buffer }: WebAssembly.Memory, address: number, job: Job): void {
  new Uint32Array(buffer, address, JOB_FIELDS).set(FIELDS.map((field) => job[field] ?? 0));
}

export function readJob({ buffer }: WebAssembly.Memory, address: number): Job {
  const numbers = new Uint32Array(buffer, address, JOB_FIELDS);
  return Object.fromEntries(FIELDS.map((field, i) => [field, numbers[i]!])) as Record<keyof Job, number>;
}
