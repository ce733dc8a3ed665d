import { Gpt2Error } from '../../base/errors.js';
import { bodyChunks, readBody } from './body.js';
import { broken, type RequestOptions, request, shown } from './request.js';
import { Retries } from './retries.js';

/** A file on a server, of which the size is known. */
export class RemoteFile {
  readonly url: URL;
  readonly byteLength: number;
  /** What changes when the file does: its ETag or date, `''` where the server shows neither. */
  readonly version: string;
  /** The answer that showed all this; its body has the whole file, and is still unread. */
  #answer: Response | undefined;

  constructor(url: URL, byteLength: number, version: string, answer?: Response) {
    this.url = url;
    this.byteLength = byteLength;
    this.version = version;
    this.#answer = answer;
  }

  /** Closes the connection that is open since the file was found. */
  async close(): Promise<void> {
    const answer = this.#answer;
    this.#answer = undefined;
    await answer?.body?.cancel().catch(() => {});
  }

  /**
   * The bytes from `start` to the end, over as many connections as it takes; the first is the one that the file was
   * found by, if it has not been used yet. Throws `network`, `invalid-file` if the file changes meanwhile, and
   * `aborted`.
   */
  async *bytes(start: number, signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    const { url, byteLength } = this;
    const retries = new Retries(`reading ${shown(url)}`, signal);
    let position = start;
    let answer = start === 0 ? this.#answer : undefined;
    if (answer === undefined) await this.close();
    this.#answer = undefined;
    while (position < byteLength) {
      const range = position > 0 ? `bytes=${position}-` : undefined;
      const response = answer ?? (await request(url, { range, signal }));
      answer = undefined;
      if (response === undefined || (this.version !== '' && versionOf(response) !== this.version)) {
        await response?.body?.cancel();
        throw new Gpt2Error('invalid-file', `${shown(url)} was changed while it was read; load it again`);
      }
      let at = response.status === 206 ? startOf(response, position) : 0;
      let failure = new Gpt2Error('network', `${shown(url)} ended at byte ${position} of ${byteLength}`);
      if (at > position)
        failure = new Gpt2Error('network', `${shown(url)} came from byte ${at} on, not ${position}`);
      const chunks = bodyChunks(response);
      try {
        while (position < byteLength && at <= position) {
          const { done, value } = await chunks.next().catch((error) => {
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
        await chunks.return();
      }
      if (position < byteLength) await retries.failed(failure);
    }
  }
}

/** Most bytes of a file whose size its server does not tell: it is read whole, into memory. */
const MOST_UNSIZED_BYTES = 2 ** 31;

/** How a file is asked for. */
export interface AskOptions extends Pick<RequestOptions, 'signal' | 'attempts' | 'onRefusal'> {
  /** Most bytes that are read of it at once. */
  readonly most?: number;
}

/**
 * The file as the server describes it, `undefined` if there is none. (Of `HEAD` and ranges, some servers know
 * neither, and addresses that are signed for `GET` allow nothing else.) If its size is not told, it is read whole.
 */
export async function openRemote(url: URL, options: AskOptions = {}): Promise<RemoteFile | Blob | undefined> {
  const response = await request(url, options);
  if (response === undefined) return undefined;
  const byteLength = lengthOf(response);
  if (byteLength === undefined || isPage(response)) {
    return (await fetchWhole(url, { most: MOST_UNSIZED_BYTES, ...options }, response))?.content;
  }
  return new RemoteFile(url, byteLength, versionOf(response), response);
}

/**
 * Whether a file that was downloaded before is still that of the server; `false` too if the server does not tell. No
 * byte of it is sent. Throws `network` and `aborted`.
 */
export async function isUnchanged(
  url: URL,
  { version, byteLength }: Pick<RemoteFile, 'version' | 'byteLength'>,
  { signal, attempts }: AskOptions,
): Promise<boolean> {
  const response = await request(url, { signal, attempts, headersOnly: true });
  return response !== undefined && versionOf(response) === version && lengthOf(response) === byteLength;
}

/**
 * A whole file of at most `most` bytes, `undefined` if there is none. `answer`: the server's first, if it is there
 * already. Throws `invalid-file` for a longer file.
 */
export async function fetchWhole(
  url: URL,
  { most, ...options }: AskOptions & { most: number },
  answer?: Response,
): Promise<{ content: Blob; version: string } | undefined> {
  const { signal, attempts } = options;
  const retries = new Retries(`fetching ${shown(url)}`, signal, attempts);
  for (let first = answer; ; first = undefined) {
    const response = first ?? (await request(url, { ...options, cache: 'no-cache' }));
    if (response === undefined) return undefined;
    if (isPage(response)) {
      await response.body?.cancel();
      return undefined;
    }
    try {
      return { content: await readBody(response, most, shown(url)), version: versionOf(response) };
    } catch (error) {
      if (error instanceof Gpt2Error) throw error;
      await retries.failed(broken(url, error));
    }
  }
}

/** The first `count` bytes of a file, fewer if it is shorter, `undefined` if there is none or only a page. */
export async function firstBytes(
  url: URL,
  count: number,
  options: AskOptions,
): Promise<Uint8Array | undefined> {
  const response = await request(url, { ...options, range: `bytes=0-${count - 1}` });
  if (response === undefined) return undefined;
  const bytes = new Uint8Array(count);
  let length = 0;
  const chunks = bodyChunks(response);
  try {
    if (isPage(response)) return undefined;
    while (length < count) {
      const { done, value } = await chunks.next();
      if (done) break;
      bytes.set(value.subarray(0, count - length), length);
      length = Math.min(count, length + value.length);
    }
    return bytes.subarray(0, length);
  } catch (error) {
    throw broken(url, error);
  } finally {
    await chunks.return();
  }
}

/** Bytes of the file by its headers, which do not tell if it is sent compressed. */
function lengthOf({ headers }: Response): number | undefined {
  const length = headers.get('content-length');
  if (length === null || !/^\d+$/.test(length) || headers.has('content-encoding')) return undefined;
  return Number(length);
}

/** Where in the file a part begins; `asked` if the server does not say. */
function startOf({ headers }: Response, asked: number): number {
  const [, start] = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '') ?? [];
  return start === undefined ? asked : Number(start);
}

function versionOf({ headers }: Response): string {
  return headers.get('etag') ?? headers.get('last-modified') ?? '';
}

/** Some servers answer with a page of theirs in place of a file that is not there. */
function isPage({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/html') ?? false;
}
