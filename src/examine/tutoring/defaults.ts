import { checkOptionNames } from '../../base/check_options.js';

/** The options of a call that also takes `signal` and `onProgress`. Throws `invalid-option` for other names. */
export function withDefaults<T extends object>(call: string, options: object, defaults: T): T {
  checkOptionNames(call, options, [...Object.keys(defaults), 'signal', 'onProgress']);
  const given = Object.entries(options).filter(([name, value]) => name in defaults && value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}
