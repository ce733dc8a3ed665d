import { Gpt2Error } from '../../base/errors.js';
import { bodyChunks, readBody } from './connection.js';
import { downloadBytes, readResponse } from './download.js';
import { type RequestOptions, request, rulesFor, shown } from './request.js';
import { bodyLength, discard, isPage, versionOf } from './response.js';

/** Most bytes of a file whose size its server does not tell: it is read whole, into memory. */
const MOST_UNSIZED_BYTES = 2 ** 31;

/** How a file is requested. */
export type FileRequest = Pick<RequestOptions, 'signal' | 'attempts' | 'onRefusal'>;

/** A file on a server, whose size is known. */
export class RemoteFile {
  readonly url: URL;
  readonly byteLength: number;
  /** Changes with the file: its ETag or date; `''` if the server tells neither. */
  readonly version: string;
  /** The response that told all this; its body is the whole file, and still unread. */
  #response: Response | undefined;

  constructor(url: URL, byteLength: number, version: string, response?: Response) {
    this.url = url;
    this.byteLength = byteLength;
    this.version = version;
    this.#response = response;
  }

  /** Closes the connection that is open since the file was found. */
  async close(): Promise<void> {
    const response = this.#response;
    this.#response = undefined;
    await discard(response);
  }

  /**
   * The bytes from `start` to the end. The first connection is the one that the file was found by, if it has
   * not been used yet. Throws `network`, `invalid-file` if the file changes meanwhile, and `aborted`.
   */
  bytes(start: number, signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    const { url } = this;
    return downloadBytes(
      rulesFor(url, { signal }),
      start,
      this.byteLength,
      (position) => this.#request(position, signal),
      (problem) => new Gpt2Error('network', `${shown(url)} ${problem}`),
    );
  }

  async #request(position: number, signal: AbortSignal | undefined): Promise<Response> {
    const { url, version } = this;
    let response = this.#response;
    if (position === 0 && response !== undefined) {
      this.#response = undefined;
      return response;
    }
    await this.close();
    response = await request(url, { range: position > 0 ? `bytes=${position}-` : undefined, signal });
    if (response !== undefined && (version === '' || versionOf(response) === version)) return response;
    await discard(response);
    throw new Gpt2Error('invalid-file', `${shown(url)} was changed while it was read; load it again`);
  }
}

/**
 * The file as the server describes it, `undefined` if it is absent. (Some servers support neither `HEAD` nor
 * ranges, and addresses that are signed for `GET` allow nothing else.) If its size is not told, it is read
 * whole.
 */
export async function openRemote(
  url: URL,
  options: FileRequest = {},
): Promise<RemoteFile | Blob | undefined> {
  const response = await request(url, options);
  if (response === undefined) return undefined;
  const byteLength = bodyLength(response);
  if (byteLength === undefined || isPage(response)) {
    return (await fetchWhole(url, { most: MOST_UNSIZED_BYTES, ...options }, response))?.content;
  }
  return new RemoteFile(url, byteLength, versionOf(response), response);
}

/**
 * Whether a file that was downloaded before is still that of the server; `false` too if the server does not
 * tell. No byte of it is sent. Throws `network` and `aborted`.
 */
export async function isUnchanged(
  url: URL,
  { version, byteLength }: Pick<RemoteFile, 'version' | 'byteLength'>,
  { signal, attempts }: FileRequest,
): Promise<boolean> {
  const response = await request(url, { signal, attempts, headersOnly: true });
  return response !== undefined && versionOf(response) === version && bodyLength(response) === byteLength;
}

/**
 * A whole file of at most `most` bytes, `undefined` if it is absent. `first`: its response, if it has come
 * already. Throws `invalid-file` for a longer file.
 */
export function fetchWhole(
  url: URL,
  { most, ...options }: FileRequest & { most: number },
  first?: Response,
): Promise<{ content: Blob; version: string } | undefined> {
  return readFile(url, { ...options, cache: 'no-cache' }, first, async (response) => ({
    content: await readBody(response, most, shown(url)),
    version: versionOf(response),
  }));
}

/** The first `count` bytes of a file, fewer if it is shorter; `undefined` if it is absent. */
export function firstBytes(url: URL, count: number, options: FileRequest): Promise<Uint8Array | undefined> {
  return readFile(url, { ...options, range: `bytes=0-${count - 1}` }, undefined, async (response) => {
    const bytes = new Uint8Array(count);
    let length = 0;
    for await (const chunk of bodyChunks(response)) {
      bytes.set(chunk.subarray(0, count - length), length);
      length = Math.min(count, length + chunk.length);
      if (length === count) break;
    }
    return bytes.subarray(0, length);
  });
}

/** The result of `read` for a file's response; `undefined` if the file is absent or is a web page. */
function readFile<T>(
  url: URL,
  options: RequestOptions,
  first: Response | undefined,
  read: (response: Response) => Promise<T>,
): Promise<T | undefined> {
  const requestFile = async () => {
    const response = first ?? (await request(url, options));
    first = undefined;
    if (response === undefined || !isPage(response)) return response;
    await discard(response);
    return undefined;
  };
  return readResponse(rulesFor(url, options), requestFile, read);
}
