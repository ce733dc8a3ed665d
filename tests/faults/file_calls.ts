import { readFileSync } from 'node:fs';

/** A fault at a call of a process to the file system. */
export interface Fault {
  /** Part of the paths that count. */
  readonly under: string;
  /** The number of the call, from 1; 0: no call. */
  readonly at: number;
  /** A signal, the code of an error, or `half`: the call writes half of its bytes, and the process is killed. */
  readonly action: string;
  /** File for the list of all calls. */
  readonly log?: string;
}

/** A call of a process to the file system. */
export interface FileCall {
  readonly name: string;
  readonly path: string;
}

const PRELOAD = new URL('./at_call.mjs', import.meta.url).href;

/** Arguments of node and environment variables for a process with a fault. */
export function withFault(fault: Fault): {
  readonly nodeArgs: string[];
  readonly env: Record<string, string>;
} {
  return { nodeArgs: ['--import', PRELOAD], env: { FAULT: JSON.stringify(fault) } };
}

/** The calls that a process logged. */
export const loggedCalls = (log: string): FileCall[] => JSON.parse(readFileSync(log, 'utf8'));

const CHANGES =
  /^(open for writing|mkdir|rename|rm|symlink|unlink|write|writeFile|appendFile|truncate|sync)$/;
const WRITES = /^(write|writeFile|appendFile)$/;

/** Whether a call changes a file or a folder. */
export const isChange = ({ name }: FileCall): boolean => CHANGES.test(name);

/** Whether a call may write a part of its bytes. */
export const isWrite = ({ name }: FileCall): boolean => WRITES.test(name);
