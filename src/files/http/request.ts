import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { askedWait, isBusy, reasonOf } from './answers.js';
import { fetchInTime } from './body.js';
import { Retries } from './retries.js';

export interface RequestOptions {
  /** The bytes that are wanted. A server without ranges sends the whole file all the same, with status 200. */
  readonly range?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly attempts?: number | undefined;
  /** Asks for the headers alone; an answer other than 200 then is `undefined`, since some servers know no `HEAD`. */
  readonly headersOnly?: boolean;
  /** How the runtime's own cache of answers is used, where it has one. */
  readonly cache?: 'no-cache' | 'no-store';
  /**
   * Takes a refusal (status 4xx) in place of an error, and the file then counts as absent: servers such as S3 answer
   * so for files that are not there, to whoever may not list them.
   */
  readonly onRefusal?: ((failure: Gpt2Error) => void) | undefined;
}

/**
 * The answer for a file, `undefined` if there is none. Busy servers and broken connections get further attempts.
 * Throws `network`, `not-found` if the server refuses it, `invalid-file` if the file has become shorter than the
 * range that is asked for, and `aborted`.
 */
export async function request(url: URL, options: RequestOptions = {}): Promise<Response | undefined> {
  const { range, signal, attempts, headersOnly = false, cache = 'no-store', onRefusal } = options;
  const work = `fetching ${shown(url)}`;
  const retries = new Retries(work, signal, attempts);
  const init: RequestInit = range === undefined ? {} : { headers: { range } };
  if (hasCacheModes(url)) init.cache = cache;
  if (signal) init.signal = signal;
  if (headersOnly) init.method = 'HEAD';
  for (;;) {
    throwIfAborted(signal, work);
    let response: Response;
    try {
      response = await fetchInTime(url, init);
    } catch (error) {
      await retries.failed(broken(url, error));
      continue;
    }
    const { status } = response;
    if (status === 200 || status === 206) return response;
    await response.body?.cancel();
    if (status === 404 || status === 410 || (headersOnly && !isBusy(response))) return undefined;
    const failure = refusal(url, response);
    if (!isBusy(response)) {
      if (onRefusal === undefined || status === 416 || status < 400) throw failure;
      onRefusal(failure);
      return undefined;
    }
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
export function shown(url: URL): string {
  return url.origin + url.pathname;
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
      `${shown(url)} may not be read (status ${status}): it is private, not there, or the address is wrong`,
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
