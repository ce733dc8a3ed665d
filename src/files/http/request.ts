import { Gpt2Error } from '../../base/errors.js';
import { failureReason } from './connection.js';
import { fetchResponse } from './download.js';
import { discard } from './response.js';
import type { RetryRules } from './retries.js';

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly attempts?: number | undefined;
  /**
   * The wanted bytes. A server without ranges ignores them and sends the whole file, with status 200.
   */
  readonly range?: string | undefined;
  /**
   * Requests the headers alone. A status other than 200 then counts as an absent file, since some servers do
   * not support `HEAD`.
   */
  readonly headersOnly?: boolean;
  /** How the runtime's own cache of responses is used, if it has one. */
  readonly cache?: 'no-cache' | 'no-store';
  /**
   * Called instead of throwing if the server refuses the file (status 4xx), which then counts as absent:
   * servers such as S3 answer so for absent files if the client may not list them.
   */
  readonly onRefusal?: ((failure: Gpt2Error) => void) | undefined;
}

/**
 * The response for a file, `undefined` if it is absent. Throws `network`, `not-found` if the server refuses
 * it or requires authentication (401, 403), `invalid-file` if the file has become shorter than the requested
 * range, and `aborted`.
 */
export async function request(url: URL, options: RequestOptions = {}): Promise<Response | undefined> {
  const { range, headersOnly = false, cache = 'no-store', onRefusal } = options;
  const init: RequestInit = { method: headersOnly ? 'HEAD' : 'GET', headers: range ? { range } : {} };
  if (hasCacheModes(url)) init.cache = cache;
  const response = await fetchResponse(url, init, rulesFor(url, options));
  const { status } = response;
  if (status === 200 || status === 206) return response;
  await discard(response);
  if (status === 404 || status === 410 || headersOnly) return undefined;
  const failure = refusal(url, response);
  if (onRefusal === undefined || status === 416 || status < 400) throw failure;
  onRefusal(failure);
  return undefined;
}

/** How requests for a file are retried, and what their errors say. */
export function rulesFor(url: URL, options: Pick<RequestOptions, 'signal' | 'attempts'>): RetryRules {
  return {
    ...options,
    work: `fetching ${shown(url)}`,
    broken: (error) => broken(url, error),
    refused: (response) => refusal(url, response),
  };
}

/** Edge runtimes have no cache of responses, and throw at some of its modes or at all. */
function hasCacheModes(url: URL): boolean {
  try {
    return new Request(url, { cache: 'no-cache' }).cache === 'no-cache';
  } catch {
    return false;
  }
}

/** An address without its query, which may hold a secret. */
export function shown(url: URL): string {
  return url.origin + url.pathname;
}

/** The error for a connection that could not be opened or that broke. */
function broken(url: URL, error: unknown): Gpt2Error {
  const rule =
    'document' in globalThis ? "; another site's server must also allow this one to read it (CORS)" : '';
  return new Gpt2Error('network', `${shown(url)} cannot be fetched: ${failureReason(error)}${rule}`, {
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
