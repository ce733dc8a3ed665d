import { type Command, Option } from 'commander';
import type { Flag } from './flag.js';

/** The length of windows, of commands that score texts of any length. */
export const STRIDE_FLAG: Flag = {
  value: 'count',
  help: 'tokens scored by each window after the first',
  range: '1 to context length',
  standard: 'half of the context',
};

/** Adds the switch `--no-start`. commander gives the value `start`, which is true without it. */
export function addNoStart(command: Command, group: string): void {
  const help = 'do not score the first token, which has no tokens before it';
  command.addOption(new Option('--no-start', help).helpGroup(group));
}

/**
 * The option `start` of the library. Without `--no-start` it is left out: a model without a start token must not fail
 * because of it.
 */
export const startOption = (start: boolean): { readonly start?: false } => (start ? {} : { start: false });
