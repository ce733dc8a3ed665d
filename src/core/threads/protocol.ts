import { type ForwardJob, JOB_KINDS, type Job, type JobPlace } from '../abi/job.js';
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

const FORWARD_FIELDS = [
  'cache',
  'rows',
  'start',
  'firstLayer',
  'endLayer',
  'firstLogits',
  'logitsRows',
] as const satisfies (keyof ForwardJob)[];

/** Numbers of a job: those of a forward job, which others leave 0, and the index of its kind. */
export const JOB_FIELDS: number = FORWARD_FIELDS.length + 1;

export function writeJob(memory: WebAssembly.Memory, address: number, job: Job): void {
  const fields = FORWARD_FIELDS.map((field) => (job.kind === 'forward' ? job[field] : 0));
  new Uint32Array(memory.buffer, address, JOB_FIELDS).set([...fields, JOB_KINDS.indexOf(job.kind)]);
}

export function readJob(memory: WebAssembly.Memory, address: number): Job {
  const numbers = new Uint32Array(memory.buffer, address, JOB_FIELDS);
  const fields = Object.fromEntries(FORWARD_FIELDS.map((field, i) => [field, numbers[i]!]));
  return { ...fields, kind: JOB_KINDS[numbers[JOB_FIELDS - 1]!]! } as Job;
}
