import { spawnSync } from 'node:child_process';

/** Status with which a measuring process says that there is nothing for it to measure. */
const SKIPPED = 3;

/** What a program prints; `undefined` where it may skip and does. Its failure ends the bench. */
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
