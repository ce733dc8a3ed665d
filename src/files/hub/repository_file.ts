import { Gpt2Error } from '../../base/errors.js';
import { downloadBytes } from '../http/download.js';
import { bodyLength, discard } from '../http/response.js';
import { fileUrl } from './hub_url.js';
import type { HubFile } from './repository.js';
import { type HubAccess, hubFetch, rulesFor } from './request.js';

/** A file of a repository at a commit. */
export interface RepositoryFile {
  readonly access: HubAccess;
  readonly commit: string;
  readonly file: HubFile;
}

/**
 * The bytes `start` to `end` of a file. Throws `not-found` or `network` if the hub gives no bytes,
 * `invalid-file` if the file has another length than the hub lists, and `aborted`.
 */
export function fetchBytes(
  from: RepositoryFile,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void> {
  const { access, file } = from;
  const { byteLength } = file;
  const onExcess = () => {
    throw wrongBytes(from, `has more than the ${byteLength} bytes that the hub lists`);
  };
  return downloadBytes(
    rulesFor(access, `downloading ${file.path} of ${access.repo}`, signal),
    start,
    end,
    (position) => request(from, position, end, signal),
    (problem) => wrongBytes(from, problem),
    end === byteLength ? onExcess : undefined,
  );
}

/** The bytes `start` to `end` of a file in one array; throws as `fetchBytes`. */
export async function fetchRange(
  from: RepositoryFile,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const range = new Uint8Array(end - start);
  let filled = 0;
  for await (const bytes of fetchBytes(from, start, end, signal)) {
    range.set(bytes, filled);
    filled += bytes.length;
  }
  return range;
}

/** The error for bytes that are not those that the hub lists. */
export function wrongBytes({ access, file }: RepositoryFile, problem: string): Gpt2Error {
  const { repo, endpoint } = access;
  return new Gpt2Error('invalid-file', `${file.path} of ${repo} at ${endpoint} ${problem}; nothing was kept`);
}

/**
 * Requests the bytes from `position` to `end`; all bytes if the server refuses the range of a file of this
 * length.
 */
async function request(
  from: RepositoryFile,
  position: number,
  end: number,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const { access, commit, file } = from;
  const last = end < file.byteLength ? end - 1 : '';
  const isWhole = position === 0 && last === '';
  // Compressed bytes would have another length and other ranges.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (!isWhole) headers.range = `bytes=${position}-${last}`;
  const url = fileUrl(access.endpoint, access.repo, commit, file.path);
  const response = await hubFetch(access, url, { headers, signal, file: file.path });
  const total = lengthOf(response);
  if (response.status !== 416 && (total === undefined || total === file.byteLength)) return response;
  await discard(response);
  if (total === undefined || total === file.byteLength) {
    if (isWhole) throw wrongBytes(from, 'cannot be sent by its server (status 416)');
    return request(from, 0, file.byteLength, signal);
  }
  throw wrongBytes(from, `has ${total} bytes at its server, but the hub lists it with ${file.byteLength}`);
}

/** Bytes of the whole file that a response is of, if its headers tell. */
function lengthOf(response: Response): number | undefined {
  if (response.status === 200) return bodyLength(response);
  const [, length] = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  return length === undefined ? undefined : Number(length);
}
