import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { askedWait, isBusy, reasonOf } from '../http/answers.js';
import { fetchInTime } from '../http/body.js';
import { Retries } from '../http/retries.js';
import { repoUrl } from './hub_url.js';

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
 * Throws `not-found` with the reason and the way out, `network` and `aborted`.
 */
export async function hubFetch(access: HubAccess, url: string, request: HubRequest = {}): Promise<Response> {
  const { signal, file } = request;
  const work = `asking ${access.endpoint} for ${access.repo}`;
  const headers = new Headers(request.headers);
  if (access.token !== undefined && new URL(url).origin === new URL(access.endpoint).origin) {
    headers.set('authorization', `Bearer ${access.token}`);
  }
  const retries = new Retries(work, signal);
  for (;;) {
    throwIfAborted(signal, work);
    let response: Response;
    try {
      response = await fetchInTime(url, { headers, ...(signal && { signal }) });
    } catch (error) {
      throwIfAborted(signal, work);
      const failure = unreachable(access, error);
      if (!isPassing(error)) throw failure;
      await retries.failed(failure);
      continue;
    }
    if (response.ok || response.status === 416) return response;
    await response.body?.cancel();
    const failure = refusal(access, response, file);
    if (!isBusy(response)) throw failure;
    await retries.failed(failure, askedWait(response));
  }
}

/** Whether a connection broke in a way that another attempt may not. */
export function isPassing(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: string } };
  return PASSING.test(cause?.code ?? (error as { code?: string }).code ?? '');
}

/** The error for a connection that did not come about or broke. */
export function unreachable({ endpoint, repo }: HubAccess, error: unknown): Gpt2Error {
  return new Gpt2Error(
    'network',
    `${endpoint}, where ${repo} would be, cannot be reached: ${reasonOf(error)}; models in the cache load without it`,
    { cause: error },
  );
}

function refusal(access: HubAccess, response: Response, file: string | undefined): Gpt2Error {
  const { endpoint, repo, revision, token } = access;
  const { status, headers, redirected } = response;
  if (isBusy(response)) {
    const later = headers.get('retry-after');
    const advice = later === null ? 'try again later' : `it asks to try again after ${later}`;
    const problem = status === 429 ? 'takes no more requests for now' : 'has a problem';
    return new Gpt2Error('network', `${endpoint} ${problem} (status ${status}); ${advice}`);
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
