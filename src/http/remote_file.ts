import { Gpt2Error } from '../errors.js';
import { broken, request, shown } from './request.js';
import { Retries } from './retries.js';

/** A file on a server, of which the size is known. */
export class RemoteFile {
  readonly url: URL;
  readonly byteLength: number;
  /** What changes when the file does: its ETag or date, `''` where the server shows neither. */
  readonly version: string;

  constructor(url: URL, byteLength: number, version: string) {
    this.url = url;
    this.byteLength = byteLength;
    this.version = version;
  }

  /**
   * The bytes from `start` to the end, over as many connections as it takes. Throws `network`, `invalid-file` where
   * the file changes meanwhile, and `aborted`.
   */
  async *bytes(start: number, signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    const { url, byteLength } = this;
    const retries = new Retries(`reading ${shown(url)}`, signal);
    let position = start;
    while (position < byteLength) {
      const response = await request(url, { start: position, signal });
      if (response === undefined || (this.version !== '' && versionOf(response) !== this.version)) {
        await response?.body?.cancel();
        throw new Gpt2Error('invalid-file', `${shown(url)} was changed while it was read; load it again`);
      }
      let at = response.status === 206 ? position : 0;
      let failure = new Gpt2Error('network', `${shown(url)} ended at byte ${position} of ${byteLength}`);
      const reader = response.body!.getReader();
      try {
        while (position < byteLength) {
          const { done, value } = await reader.read().catch((error) => {
            failure = broken(url, error);
            return { done: true, value: undefined } as const;
          });
          if (done) break;
          const chunk = value.subarray(Math.max(0, position - at), byteLength - at);
          at += value.length;
          if (chunk.length === 0) continue;
          position = at;
          retries.succeeded();
          yield chunk;
        }
      } finally {
        await reader.cancel().catch(() => {});
      }
      if (position < byteLength) await retries.failed(failure);
    }
  }
}

/**
 * The file as the server describes it, `undefined` where there is none. (Of `HEAD` and ranges, some servers know
 * neither, and addresses that are signed for `GET` allow nothing else.) Where its size is not told, it is read whole.
 */
export async function openRemote(
  url: URL,
  signal?: AbortSignal,
  attempts?: number,
): Promise<RemoteFile | Blob | undefined> {
  const response = await request(url, { signal, attempts });
  const byteLength = response && lengthOf(response);
  if (byteLength === undefined) return response && (await fetchWhole(url, signal, attempts))?.content;
  await response!.body?.cancel();
  return isPage(response!) ? undefined : new RemoteFile(url, byteLength, versionOf(response!));
}

/** A whole file, for small ones; `undefined` where there is none. */
export async function fetchWhole(
  url: URL,
  signal?: AbortSignal,
  attempts?: number,
): Promise<{ content: Blob; version: string } | undefined> {
  const retries = new Retries(`fetching ${shown(url)}`, signal, attempts);
  for (;;) {
    const response = await request(url, { signal, attempts, cache: 'no-cache' });
    if (response === undefined) return undefined;
    try {
      const content = await response.blob();
      return isPage(response) ? undefined : { content, version: versionOf(response) };
    } catch (error) {
      await retries.failed(broken(url, error));
    }
  }
}

/** Bytes of the file by its headers: they do not tell where it is sent compressed. */
function lengthOf({ headers }: Response): number | undefined {
  const length = headers.get('content-length');
  return length === null || headers.has('content-encoding') ? undefined : Number(length);
}

function versionOf({ headers }: Response): string {
  return headers.get('etag') ?? headers.get('last-modified') ?? '';
}

/** Some servers answer with a page of theirs in place of a file that is not there. */
function isPage({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/html') ?? false;
}
