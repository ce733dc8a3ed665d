import type { Flag } from './flag.js';

/** The switch `--quiet`, the same for every command. */
export const QUIET: Flag = { help: 'print only warnings and errors on stderr' };

/** The switch `--json`, with what it prints. */
export function jsonFlag(prints = 'one JSON object'): Flag {
  return { help: `print ${prints}` };
}
