import type { Job, JobPlace } from '../abi/job.js';
import type { Tuning } from '../abi/tuning.js';

/** The first message to a thread. */
export interface ThreadStart extends JobPlace {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** This thread's number, from 0, and the number of threads. */
  readonly index: number;
  readonly count: number;
  /**
   * Addresses of the threads' barrier and counters (assembly/threads.ts) and of the job: JOB_FIELDS 4-byte
   * numbers.
   */
  readonly meeting: number;
  readonly job: number;
  readonly tuning: Tuning;
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
