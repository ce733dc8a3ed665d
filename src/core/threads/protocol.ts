import { JOB_KINDS, type Job, type JobPlace } from '../abi/job.js';
import { readStruct, type StructLayout, structBytes, writeStruct } from '../abi/struct.js';
import type { Tuning } from '../abi/tuning.js';

/** The first message to a thread. */
export interface ThreadStart extends JobPlace {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** This thread's number, from 0, and the number of threads. */
  readonly index: number;
  readonly count: number;
  /** Addresses of the threads' barrier and counters (assembly/threads.ts) and of the job (JOB_BYTES). */
  readonly meeting: number;
  readonly job: number;
  readonly tuning: Tuning;
}

const JOB = {
  kind: 'u32',
  firstLayer: 'u32',
  endLayer: 'u32',
  firstWanted: 'u32',
  wantedRows: 'u32',
  hasLogits: 'u32',
} as const satisfies StructLayout;

export const JOB_BYTES: number = structBytes(JOB);

export function writeJob(memory: WebAssembly.Memory, address: number, job: Job): void {
  writeStruct(new DataView(memory.buffer), address, JOB, { ...job, kind: JOB_KINDS.indexOf(job.kind) });
}

export function readJob(memory: WebAssembly.Memory, address: number): Job {
  const fields = readStruct(new DataView(memory.buffer), address, JOB);
  return { ...fields, kind: JOB_KINDS[fields.kind]! } as Job;
}
