import { Gpt2Error } from '../../base/errors.js';
import { readBody } from '../http/connection.js';
import { readResponse } from '../http/download.js';
import { isInside } from '../source.js';
import { kindOf } from './hub_url.js';
import { importHub } from './package.js';
import { type HubAccess, hubFetch, rulesFor } from './request.js';

/** Pages that one listing may have, each of up to 1000 files: an endless listing is refused. */
const MAX_ANSWERS = 100;
/** Most bytes of a page: an endless one would fill the memory. That for 1000 files has about 0.4 MB. */
const MOST_ANSWER_BYTES = 2 ** 24;

/** A file of a repository as the hub describes it. */
export interface HubFile {
  readonly path: string;
  readonly byteLength: number;
  /** The bytes are checked by it: the SHA-256 of a large file, or git's hash of a small one. */
  readonly hash: { readonly algorithm: 'sha256' | 'git-sha1'; readonly hex: string };
}

/** A repository at one commit. */
export interface Repository {
  /** 40 hex digits. */
  readonly commit: string;
  /** By path. */
  readonly files: ReadonlyMap<string, HubFile>;
}

/**
 * The commit that a revision is now, and its files. Throws `not-found`, `network`, `invalid-file` for a
 * malformed answer, `aborted` and `runtime`.
 */
export async function openRepository(access: HubAccess, signal?: AbortSignal): Promise<Repository> {
  const { datasetInfo, modelInfo, listFiles } = await importHub();
  let answers = 0;
  // The package gets no token; `fetchListing` adds it only for the host that may see it.
  const ask: typeof fetch = (url, init) => {
    if (++answers > MAX_ANSWERS) throw noAnswer(access, `it lists more than ${1000 * MAX_ANSWERS} files`);
    const accept = new Headers(init?.headers).get('accept') ?? 'application/json';
    return fetchListing(access, String(url), { accept }, signal);
  };
  const { endpoint: hubUrl, repo, revision } = access;
  try {
    const { type, name } = kindOf(repo);
    const wanted = { name, revision, hubUrl, fetch: ask };
    const { sha: commit } =
      type === 'dataset'
        ? await datasetInfo({ ...wanted, additionalFields: ['sha'] })
        : await modelInfo({ ...wanted, additionalFields: ['sha'] });
    if (!/^[0-9a-f]{40}$/.test(commit)) throw noAnswer(access, `its commit is ${JSON.stringify(commit)}`);
    const files = new Map<string, HubFile>();
    for await (const entry of listFiles({
      repo: { type, name },
      recursive: true,
      revision: commit,
      hubUrl,
      fetch: ask,
    })) {
      if (typeof entry?.path !== 'string') throw noAnswer(access, 'its listing has entries without a path');
      // A path that leads out of the repository, such as ../../x, would be written outside the cache.
      if (entry.type === 'file' && isInside(entry.path)) files.set(entry.path, described(access, entry));
    }
    return { commit, files };
  } catch (error) {
    if (error instanceof Gpt2Error) throw error;
    throw noAnswer(access, (error as Error).message, error);
  }
}

/** The response with its body read, so that a connection that breaks within it is retried. */
async function fetchListing(
  access: HubAccess,
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const rules = rulesFor(access, `listing the files of ${access.repo}`, signal);
  const request = () => hubFetch(access, url, { headers, signal });
  const read = async (response: Response) => {
    const { status, headers } = response;
    const body = await readBody(response, MOST_ANSWER_BYTES, `an answer of ${access.endpoint}`);
    return new Response(body, { status, headers });
  };
  return (await readResponse(rules, request, read))!;
}

interface Entry {
  readonly path: string;
  readonly size: number;
  readonly oid?: string;
  readonly lfs?: { readonly oid: string; readonly size: number };
}

function described(access: HubAccess, { path, size, oid, lfs }: Entry): HubFile {
  const byteLength = lfs?.size ?? size;
  const hex = lfs?.oid ?? oid ?? '';
  const algorithm = lfs ? 'sha256' : 'git-sha1';
  const isHash = (lfs ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/).test(hex);
  if (!Number.isSafeInteger(byteLength) || byteLength < 0 || !isHash) {
    throw noAnswer(access, `${path} has the size ${byteLength} and the hash ${JSON.stringify(hex)}`);
  }
  return { path, byteLength, hash: { algorithm, hex } };
}

function noAnswer({ endpoint, repo }: HubAccess, problem: string, cause?: unknown): Gpt2Error {
  return new Gpt2Error('invalid-file', `${endpoint} does not describe ${repo} as a hub does: ${problem}`, {
    cause,
  });
}
