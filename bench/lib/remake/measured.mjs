import { spawnSync } from 'node:child_process';
import { root } from '../../../scripts/run.mjs';

/** Body of a block: the day and what a command prints to stdout; `undefined` if the command fails. */
export function measured(command) {
  const { status, stdout } = spawnSync(command, {
    ...{ cwd: root, shell: true, encoding: 'utf8', maxBuffer: 2 ** 26 },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) return undefined;
  const day = new Date().toISOString().slice(0, 10);
  return `\nMeasured on ${day} by \`${command}\`: ${stdout.trim()}\n\n`;
}
