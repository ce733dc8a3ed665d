import { Gpt2Error, throwIfAborted } from '../errors.js';
import { repoUrl } from './hub_url.js';

/** Requests for one thing, where a hub is busy or a connection breaks. */
export const ATTEMPTS = 5;
/** The wait after the first failure; each further one doubles it. */
const FIRST_WAIT_MS = 250;
/** A hub that asks for a longer wait is not waited for. */
const LONGEST_WAIT_MS = 60_000;

/** Failures of a connection that a moment later may be over; a name that is unknown or a port that is closed is not. */
const PASSING =
  /^(ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|UND_ERR_(SOCKET|CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|RES_CONTENT_LENGTH_MISMATCH))$/;

/** What is asked of which hub, by whom. */
export interface HubAccess {
  readonly endpoint: string;
  readonly token: string | undefined;
  /** `owner/name` */
  readonly repo: string;
  readonly revision: string;
}

export interface HubRequest {
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal | undefined;
  /** The file that is asked for, where it is one. */
  readonly file?: string;
}

/**
 * The hub's answer with status 2xx or 416, after as many attempts as it takes. The token goes to the hub's own
 * origin and no other: `fetch` drops it where the hub redirects elsewhere.
 *
 * Throws `not-found` with the reason and the way out, and `aborted`.
 */
export async function hubFetch(access: HubAccess, url: string, request: HubRequest = {}): Promise<Response> {
  const { signal, file } = request;
  const work = `asking ${access.endpoint} for ${access.repo}`;
  const headers = new Headers(request.headers);
  if (access.token !== undefined && new URL(url).origin === new URL(access.endpoint).origin) {
    headers.set('authorization', `Bearer ${access.token}`);
  }
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(signal, work);
    let wait: number | undefined = backoff(attempt);
    let failure: Gpt2Error;
    try {
      const response = await fetch(url, { headers, ...(signal && { signal }) });
      if (response.ok || response.status === 416) return response;
      await response.body?.cancel();
      failure = refusal(access, response, file);
      if (!isBusy(response.status)) throw failure;
      wait = askedWait(response.headers.get('retry-after')) ?? wait;
    } catch (error) {
      throwIfAborted(signal, work);
      if (error instanceof Gpt2Error) throw error;
      failure = unreachable(access, error);
      if (!isPassing(error)) throw failure;
    }
    if (attempt === ATTEMPTS || wait > LONGEST_WAIT_MS) throw failure;
    await pause(wait, signal, work);
  }
}

/** Milliseconds to wait after that many failures in a row. */
export function backoff(failures: number): number {
  return FIRST_WAIT_MS * 2 ** (failures - 1);
}

/** Resolves after `ms`; throws `aborted` as soon as the signal fires. */
export function pause(ms: number, signal: AbortSignal | undefined, work: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      try {
        throwIfAborted(signal, work);
        resolve();
      } catch (error) {
        reject(error);
      }
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener('abort', end);
  });
}

/** Whether the hub could not be reached or had no time, so that what was kept of it before is as good as can be. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof Gpt2Error && error.cause instanceof Unavailable;
}

/** The cause of an error that says nothing about what was asked for. */
class Unavailable extends Error {}

/** Whether a connection broke in a way that another attempt may not. */
export function isPassing(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: string } };
  return PASSING.test(cause?.code ?? (error as { code?: string }).code ?? '');
}

/** The error for a connection that did not come about or broke. */
export function unreachable({ endpoint, repo }: HubAccess, error: unknown): Gpt2Error {
  const { message, cause } = error as Error;
  const reason = cause instanceof Error ? cause.message || (cause as { code?: string }).code : message;
  return new Gpt2Error(
    'not-found',
    `${endpoint}, where ${repo} would be, cannot be reached: ${reason}; models in the cache load without it`,
    { cause: new Unavailable(message, { cause: error }) },
  );
}

function isBusy(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Milliseconds by a Retry-After header: seconds, or a date. */
function askedWait(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? 1000 * Number(header) : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function refusal(access: HubAccess, response: Response, file: string | undefined): Gpt2Error {
  const { endpoint, repo, revision, token } = access;
  const { status, headers, redirected } = response;
  if (isBusy(status)) {
    const later = headers.get('retry-after');
    const advice = later === null ? 'try again later' : `it asks to try again after ${later}`;
    const problem = status === 429 ? 'takes no more requests for now' : 'has a problem';
    return new Gpt2Error('not-found', `${endpoint} ${problem} (status ${status}); ${advice}`, {
      cause: new Unavailable(`status ${status}`),
    });
  }
  return new Gpt2Error('not-found', reason());

  function reason(): string {
    const code = headers.get('x-error-code');
    if (code === 'RevisionNotFound') {
      return `${repo} at ${endpoint} has no revision "${revision}"; give a branch, a tag or a commit`;
    }
    if (code === 'GatedRepo' || (status === 403 && !redirected)) {
      const terms = `${repo} is gated: accept its terms at ${repoUrl(endpoint, repo)}`;
      return token === undefined
        ? `${terms}, and set HF_TOKEN to a token of that account, or give it as the option token`
        : `${terms} with the account of the token that was given, which may not read it`;
    }
    if (status === 401) {
      return token === undefined
        ? `${missing()}, or it is private or gated: then set HF_TOKEN, or give the option token`
        : `${missing()}, or it is private and the token that was given may not read it or has expired`;
    }
    if (status === 404) {
      return file === undefined ? missing() : `${repo} at ${endpoint} has no file ${file} in "${revision}"`;
    }
    return `${endpoint} answers with status ${status} when asked for ${file ?? 'the files'} of ${repo}`;
  }

  function missing(): string {
    return `there is no model ${repo} at ${endpoint}, and no folder of that name here`;
  }
}
