import { invalidOption } from '../base/check_options.js';
import type { ModelTarget } from './target.js';

const CALLS = ['write', 'remove', 'commit', 'discard'] as const satisfies (keyof ModelTarget)[];

/** Throws `invalid-option` for a value that is not a `ModelTarget`. */
export function checkTarget(target: unknown): asserts target is ModelTarget {
  const given = (typeof target === 'object' && target !== null ? target : {}) as Partial<ModelTarget>;
  if (CALLS.every((name) => typeof given[name] === 'function')) return;
  throw invalidOption('target', target, `an object with the functions ${CALLS.join(', ')}`);
}
