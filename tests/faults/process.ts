import { type ChildProcess, spawn } from 'node:child_process';
import { CLI, type Outcome } from '../cli/run.js';
import { type Fault, withFault } from './file_calls.js';

/** A command that takes longer hangs. */
const LONGEST_MS = 120_000;

export interface Started {
  readonly child: ChildProcess;
  /** `signal`: which one ended it. */
  readonly end: Promise<Outcome & { readonly signal: string | null }>;
}

export interface StartOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly input?: string | undefined;
  readonly fault?: Fault | undefined;
  /** Further arguments of node. */
  readonly nodeArgs?: readonly string[];
  /** A file for stdout. */
  readonly stdout?: number;
}

/** Starts the command line. */
export function startCommand(
  args: readonly string[],
  { cwd, env, input, fault, ...more }: StartOptions,
): Started {
  const { nodeArgs = [], env: faultEnv } = fault === undefined ? {} : withFault(fault);
  const child = spawn(process.execPath, [...nodeArgs, ...(more.nodeArgs ?? []), CLI, ...args], {
    stdio: ['pipe', more.stdout ?? 'pipe', 'pipe'],
    cwd,
    env: { ...process.env, ...env, ...faultEnv },
  });
  child.stdin!.on('error', () => {});
  child.stdin!.end(input ?? '');
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const timer = setTimeout(() => {
    stderr += '\nthe command hangs';
    child.kill('SIGKILL');
  }, LONGEST_MS);
  const end = new Promise<Outcome & { signal: string | null }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
  return { child, end };
}
