import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * The built command line. While coverage is measured, one compiled with source maps by scripts/coverage.mjs.
 */
export const CLI = here(
  process.env.NODE_V8_COVERAGE ? '../../coverage/src/cli/main.js' : '../../build/esm/cli.js',
);
const ROOT = here('../..');
/** Ends a command that connects to another machine. */
export const GUARD = ['--import', new URL('../support/only_this_machine.mjs', import.meta.url).href];

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command line in the root of the repository. `nodeArgs` are arguments of node itself. */
export function start(
  args: readonly string[],
  nodeArgs: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [...GUARD, ...nodeArgs, CLI, ...args], {
    ...{ cwd: ROOT, env: { ...process.env, ...env } },
  });
}

/** Waits for the end of a command line. Kills it after five minutes: busy machines are slow. */
export function outcome(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 300_000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr });
    });
  });
}

/** Runs the command line to its end with `input` on stdin. */
export function run(args: readonly string[], input: string | Uint8Array = ''): Promise<Outcome> {
  const child = start(args);
  // A command that does not read stdin may end before stdin is written.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return outcome(child);
}
