/**
 * Why a call failed. The set is closed: a program can switch over it.
 *
 * - `invalid-option`: an argument or option has a value that cannot be used
 * - `not-found`: a folder, file or model does not exist
 * - `invalid-file`: a file is damaged, malformed or contradicts another one
 * - `unsupported`: a file is well-formed, but asks for something this version cannot compute
 * - `out-of-memory`: the model or another cache does not fit the memory that WebAssembly can have
 * - `context-full`: the tokens do not fit the model's context
 * - `aborted`: the caller's signal ended the work
 * - `disposed`: the model or session was disposed before the call
 * - `network`: a server could not be reached, was overloaded or refused, after several attempts if these may
 *   help
 * - `storage`: a disk is full, read-only or broken, or this process may not read or write a file
 * - `runtime`: this JavaScript runtime lacks something, such as WebAssembly SIMD; or a computation failed:
 *   its numbers became NaN or infinite, or a thread died
 */
export type Gpt2ErrorCode =
  | 'invalid-option'
  | 'not-found'
  | 'invalid-file'
  | 'unsupported'
  | 'out-of-memory'
  | 'context-full'
  | 'aborted'
  | 'disposed'
  | 'network'
  | 'storage'
  | 'runtime';

/** Longer messages are cut: names and values in them may come from anybody. */
const LONGEST_MESSAGE = 4000;

/** The only class of errors that this package throws on purpose: `code` says why, `message` what to do. */
export class Gpt2Error extends Error {
  /** Why the call failed. */
  readonly code: Gpt2ErrorCode;

  constructor(code: Gpt2ErrorCode, message: string, options?: ErrorOptions) {
    super(String(message).slice(0, LONGEST_MESSAGE), options);
    this.name = 'Gpt2Error';
    this.code = code;
  }
}

/** The error for work that a signal ended; `what` names the work. */
export function aborted(signal: { readonly reason?: unknown } | undefined, what: string): Gpt2Error {
  return new Gpt2Error('aborted', `${what} was aborted`, { cause: signal?.reason });
}

/** Throws `aborted` if the signal has fired; `what` names the interrupted work. */
export function throwIfAborted(
  signal: { readonly aborted: boolean; readonly reason?: unknown } | undefined,
  what: string,
): void {
  if (signal?.aborted) throw aborted(signal, what);
}

/** The error for calls of a model that was disposed. */
export function modelDisposed(): Gpt2Error {
  return new Gpt2Error('disposed', 'the model was disposed; load it again');
}
