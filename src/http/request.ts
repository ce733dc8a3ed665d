import { Gpt2Error, throwIfAborted } from '../errors.js';
import { askedWait, isBusy, reasonOf } from './answers.js';
import { Retries } from './retries.js';

export interface RequestOptions {
  /** First byte that is wanted. A server without ranges sends the whole file all the same, with status 200. */
  readonly start?: number;
  readonly signal?: AbortSignal | undefined;
  readonly attempts?: number | undefined;
  /** How the runtime's own cache of answers is used, where it has one. */
  readonly cache?: 'no-cache' | 'no-store';
}

/**
 * The answer for a file, `undefined` where there is none. Busy servers and broken connections get further attempts.
 * Throws `network`, `not-found` where the server asks who is asking, `invalid-file` where the file has become shorter
 * than `start`, and `aborted`.
 */
export async function request(url: URL, options: RequestOptions = {}): Promise<Response | undefined> {
  const { start = 0, signal, attempts, cache = 'no-store' } = options;
  const work = `fetching ${shown(url)}`;
  const retries = new Retries(work, signal, attempts);
  const init: RequestInit = start > 0 ? { headers: { range: `bytes=${start}-` } } : {};
  if (hasCacheModes(url)) init.cache = cache;
  if (signal) init.signal = signal;
  for (;;) {
    throwIfAborted(signal, work);
    let response: Response;
    try {
      response = await fetch(url, init);
    } catch (error) {
      await retries.failed(broken(url, error));
      continue;
    }
    const { status } = response;
    if (status === 200 || status === 206) return response;
    await response.body?.cancel();
    if (status === 404 || status === 410) return undefined;
    const failure = refusal(url, response);
    if (!isBusy(response)) throw failure;
    await retries.failed(failure, askedWait(response));
  }
}

/** Edge runtimes have no cache to go by, and throw at some of its modes or at all. */
function hasCacheModes(url: URL): boolean {
  try {
    return new Request(url, { cache: 'no-cache' }).cache === 'no-cache';
  } catch {
    return false;
  }
}

/** An address without its query, which may be a key. */
export function shown({ origin, pathname }: URL): string {
  return origin + pathname;
}

/** The error for a connection that did not come about or broke. */
export function broken(url: URL, error: unknown): Gpt2Error {
  const rule =
    'document' in globalThis ? "; another site's server must also allow this one to read it (CORS)" : '';
  return new Gpt2Error('network', `${shown(url)} cannot be fetched: ${reasonOf(error)}${rule}`, {
    cause: error,
  });
}

function refusal(url: URL, { status, headers }: Response): Gpt2Error {
  if (status === 401 || status === 403) {
    return new Gpt2Error(
      'not-found',
      `${shown(url)} may not be read (status ${status}): it is private, or the address is wrong`,
    );
  }
  if (status === 416) {
    return new Gpt2Error('invalid-file', `${shown(url)} has become shorter while it was read; load it again`);
  }
  const later = headers.get('retry-after');
  const advice = later === null ? '' : `; the server asks to try again after ${later}`;
  const problem = status === 429 ? 'too many requests' : 'the server cannot give it';
  return new Gpt2Error('network', `${shown(url)} cannot be fetched: ${problem} (status ${status})${advice}`);
}
