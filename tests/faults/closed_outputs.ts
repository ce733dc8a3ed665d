import { closeSync, existsSync, openSync } from 'node:fs';
import { problemAfterKill } from './check_kill.js';
import type { Case } from './kinds.js';
import { startCase, type Undisturbed } from './undisturbed.js';

/** A device of Linux that accepts no data, like a full disk. */
const FULL = '/dev/full';

/** An output whose reader is gone, and one on a full disk. */
export function* closedOutputs(run: Undisturbed): Generator<Case> {
  for (const output of ['stdout', 'stderr'] as const) {
    yield { when: `${run.name}, ${output} without a reader`, run: () => withoutReader(run, output) };
  }
  if (existsSync(FULL)) yield { when: `${run.name}, stdout on a full disk`, run: () => onFullDisk(run) };
}

/** Commands that print nothing on stdout. */
const SILENT = /^batch/;

/** The command with all that it can tell. */
const loud = ({ name, scenario, world }: Undisturbed) => {
  const args = scenario.args(world).filter((arg) => arg !== '--quiet');
  return SILENT.test(name) ? args : [...args, '--json'];
};

async function withoutReader(run: Undisturbed, output: 'stdout' | 'stderr'): Promise<string | undefined> {
  const { cwd, child, end } = startCase(run, { args: loud(run) });
  child[output]!.destroy();
  const { code, stderr } = await end;
  if (code !== 0 || /\n\s+at /.test(stderr)) return `it ends with ${code}: ${stderr.trim()}`;
  return problemAfterKill(run, cwd);
}

async function onFullDisk(run: Undisturbed): Promise<string | undefined> {
  const full = openSync(FULL, 'w');
  const { cwd, end } = startCase(run, { args: loud(run), stdout: full });
  closeSync(full);
  const { code, stderr } = await end;
  const isTold = code === 1 && /^error: the output cannot be written: the disk is full/m.test(stderr);
  const isSilent = code === 0 && SILENT.test(run.name);
  if (!isTold && !isSilent) return `it ends with ${code}: ${stderr.trim()}`;
  return problemAfterKill(run, cwd);
}
