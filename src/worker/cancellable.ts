import { onAbort } from '../base/cancellation.js';
import { checkSignal, invalidOption } from '../base/check_options.js';
import { throwIfAborted } from '../base/errors.js';
import type { Connection } from './connection.js';

/** Makes a call that the signal of its options cancels. `what` names the work. */
export async function cancellable<O extends { readonly signal?: AbortSignal | undefined }, R>(
  connection: Connection,
  given: O,
  what: string,
  call: (work: number, options: Omit<O, 'signal'>) => Promise<R>,
): Promise<R> {
  if (typeof given !== 'object' || given === null) throw invalidOption('options', given, 'an object');
  const { signal, ...options } = given;
  checkSignal(signal);
  throwIfAborted(signal, what);
  const work = connection.newNumber();
  const unlisten = onAbort(signal, () => connection.notify('cancel', [work]));
  try {
    return await call(work, options);
  } finally {
    unlisten();
  }
}
