import { show } from '../../base/check_options.js';
import { Gpt2Error } from '../../base/errors.js';
import type { ResolvedOptions } from '../resolved_options.js';

/** The error for an option that another one excludes. */
export function conflict(
  resolved: ResolvedOptions,
  name: keyof ResolvedOptions,
  other: keyof ResolvedOptions,
  advice: string,
): Gpt2Error {
  const of = (option: keyof ResolvedOptions) => `${option} is ${show(resolved[option])}`;
  return new Gpt2Error('invalid-option', `${of(name)}, but ${of(other)}: ${advice}`);
}
