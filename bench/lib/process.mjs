import { spawnSync } from 'node:child_process';

/** Exit status of a measuring process that has nothing to measure. */
const SKIPPED = 3;

/** Output of a program; `undefined` if it may skip and does. Its failure ends the bench. */
export function output(program, args, { maySkip = false } = {}) {
  const { status, stdout, error } = spawnSync(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status === 0) return stdout;
  if (maySkip && status === SKIPPED) return undefined;
  return fail(`${program} ${args.join(' ')} failed`);
}

/** Ends the bench with a message. */
export function fail(message) {
  console.error(message);
  process.exit(1);
}
