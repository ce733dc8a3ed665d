import { Gpt2Error, throwIfAborted } from '../../base/errors.js';
import { bodyChunks } from '../http/body.js';
import { Retries } from '../http/retries.js';
import { fileUrl } from './hub_url.js';
import type { HubFile } from './repository.js';
import { type HubAccess, hubFetch, isPassing, unreachable } from './request.js';

/** A file of a repository at a commit. */
export interface RemoteFile {
  readonly access: HubAccess;
  readonly commit: string;
  readonly file: HubFile;
}

/** Takes the bytes of a file in order. */
export interface ByteSink {
  /** Where the next bytes go in the file. */
  readonly loaded: number;
  append(bytes: Uint8Array): void | Promise<void>;
  /** Begins again with the first byte of the file. */
  restart(): void | Promise<void>;
}

/** Bytes `start` to `end` of a file; throws as `fetchTo`. */
export async function fetchRange(
  remote: RemoteFile,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const range = new Uint8Array(end - start);
  let loaded = start;
  const sink: ByteSink = {
    get loaded() {
      return loaded;
    },
    append(bytes) {
      const wanted = bytes.subarray(Math.max(0, start - loaded), Math.max(0, end - loaded));
      if (wanted.length > 0) range.set(wanted, Math.max(0, loaded - start));
      loaded += bytes.length;
    },
    restart() {
      loaded = 0;
    },
  };
  await fetchTo(remote, sink, end, signal);
  return range;
}

/**
 * Brings the bytes of a file from `sink.loaded` to `end`, over as many connections as that takes while each brings
 * some. A server that knows no ranges makes the sink begin again.
 *
 * Throws `not-found` or `network` where the hub gives no bytes, `invalid-file` where their number is not what it lists,
 * and `aborted`.
 */
export async function fetchTo(
  remote: RemoteFile,
  sink: ByteSink,
  end: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { access, file } = remote;
  const work = `downloading ${file.path} of ${access.repo}`;
  let farthest = sink.loaded;
  const retries = new Retries(work, signal);
  while (sink.loaded < end) {
    throwIfAborted(signal, work);
    const response = await request(remote, sink, end, signal);
    let failure: Gpt2Error | undefined;
    const broke = (error: unknown): void => {
      throwIfAborted(signal, work);
      failure = unreachable(access, error);
      if (!isPassing(error)) throw failure;
    };
    for await (const bytes of received(response, broke)) {
      if (sink.loaded + bytes.length > file.byteLength) {
        throw wrongBytes(remote, `has more than the ${file.byteLength} bytes that the hub lists`);
      }
      await sink.append(bytes);
      if (end < file.byteLength && sink.loaded >= end) return;
    }
    if (sink.loaded >= end) return;
    if (sink.loaded > farthest) retries.succeeded();
    farthest = Math.max(farthest, sink.loaded);
    await retries.failed(
      failure ?? wrongBytes(remote, `ends after ${sink.loaded} of ${file.byteLength} bytes`),
    );
  }
}

/** The error for bytes that are not those the hub lists. */
export function wrongBytes({ access, file }: RemoteFile, problem: string): Gpt2Error {
  const { repo, endpoint } = access;
  return new Gpt2Error('invalid-file', `${file.path} of ${repo} at ${endpoint} ${problem}; nothing was kept`);
}

/** Asks for the bytes from `sink.loaded` on; the sink begins again where the answer does. */
async function request(
  remote: RemoteFile,
  sink: ByteSink,
  end: number,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const { access, commit, file } = remote;
  // Compressed bytes would have another length and other ranges.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  const last = end < file.byteLength ? end - 1 : '';
  if (sink.loaded > 0 || last !== '') headers.range = `bytes=${sink.loaded}-${last}`;
  const url = fileUrl(access.endpoint, access.repo, commit, file.path);
  const response = await hubFetch(access, url, { headers, signal, file: file.path });
  const { start, total } = extent(response);
  if (total !== undefined && total !== file.byteLength) {
    await response.body?.cancel();
    throw wrongBytes(
      remote,
      `has ${total} bytes at its server, but the hub lists it with ${file.byteLength}`,
    );
  }
  if (start !== sink.loaded) {
    await sink.restart();
    if (start !== 0) {
      await response.body?.cancel();
      return new Response();
    }
  }
  return response;
}

/** Where an answer begins in its file, and how long that is; `undefined` where it does not say. */
function extent(response: Response): { start: number | undefined; total: number | undefined } {
  const { status, headers } = response;
  if (status === 200) {
    const length = headers.has('content-encoding') ? null : headers.get('content-length');
    return { start: 0, total: length === null ? undefined : Number(length) };
  }
  const [, first, whole] =
    /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  return {
    start: first === undefined ? undefined : Number(first),
    total: whole === undefined || whole === '*' ? undefined : Number(whole),
  };
}

/** The bytes of an answer; a connection that breaks ends them after a call of `broke`, which may throw. */
async function* received(response: Response, broke: (error: unknown) => void): AsyncGenerator<Uint8Array> {
  try {
    yield* bodyChunks(response);
  } catch (error) {
    broke(error);
  }
}
