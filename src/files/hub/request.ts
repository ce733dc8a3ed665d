import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { failureReason } from '../http/connection.js';
import { fetchResponse } from '../http/download.js';
import { discard, isBusy } from '../http/response.js';
import type { RetryRules } from '../http/retries.js';
import { kindOf, repoUrl } from './hub_url.js';

/**
 * Codes of broken connections that another attempt may overcome; an unknown name or a closed port is none.
 */
const PASSING =
  /^(ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|UND_ERR_(SOCKET|CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|RES_CONTENT_LENGTH_MISMATCH))$/;

/** A revision of a repository on a hub, and the token to read it with. */
export interface HubAccess {
  readonly endpoint: string;
  readonly token: string | undefined;
  /** `owner/name`, of a data set `datasets/owner/name` */
  readonly repo: string;
  readonly revision: string;
}

export interface HubRequest {
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal | undefined;
  /** The requested file, if it is one: messages name it. */
  readonly file?: string;
}

/**
 * The hub's response with status 2xx or 416. The token goes to the hub's own origin and no other: `fetch`
 * drops it if the hub redirects elsewhere. Throws `not-found` with the reason and the way out, `network` and
 * `aborted`.
 */
export async function hubFetch(
  access: HubAccess,
  url: string,
  { signal, file, ...request }: HubRequest,
): Promise<Response> {
  const headers = new Headers(request.headers);
  if (access.token !== undefined && new URL(url).origin === new URL(access.endpoint).origin) {
    headers.set('authorization', `Bearer ${access.token}`);
  }
  const rules = rulesFor(access, `requesting ${access.repo} from ${access.endpoint}`, signal, file);
  const response = await fetchResponse(url, { headers }, rules);
  if (response.ok || response.status === 416) return response;
  await discard(response);
  throw rules.refused(response);
}

/** How requests to a hub are retried, and what their errors say. */
export function rulesFor(
  access: HubAccess,
  work: string,
  signal: AbortSignal | undefined,
  file?: string,
): RetryRules {
  return {
    work,
    signal,
    broken(error) {
      throwIfAborted(signal, work);
      const failure = unreachable(access, error);
      if (isPassing(error)) return failure;
      throw failure;
    },
    refused: (response) => refusal(access, response, file),
  };
}

function isPassing(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: string } };
  return PASSING.test(cause?.code ?? (error as { code?: string }).code ?? '');
}

function unreachable({ endpoint, repo }: HubAccess, error: unknown): Gpt2Error {
  return new Gpt2Error(
    'network',
    `${endpoint}, where ${repo} would be, cannot be reached: ${failureReason(error)}; what is in the cache loads without it`,
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
    const { type, name } = kindOf(repo);
    if (type === 'dataset') return `there is no data set ${name} at ${endpoint}`;
    return `there is no model ${repo} at ${endpoint}, and no folder of that name here`;
  }
}
