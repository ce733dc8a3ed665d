import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Larger files are treated as a hub treats large files: listed with their SHA-256 and served by the other
 * host.
 */
const LARGE_BYTES = 1000;
/** Few, so that every listing has several pages. */
const FILES_A_PAGE = 3;
const CHUNK_BYTES = 16_384;

export interface LoopbackRepo {
  /** By path. */
  readonly files: Record<string, Uint8Array | string>;
  /** 40 hex digits; by default made from the files. */
  readonly commit?: string;
  /** Branches and tags of this commit. */
  readonly refs?: readonly string[];
  /** Without this token, a private repository looks missing; a gated one is listed, but gives no file. */
  readonly token?: string;
  readonly gated?: true;
}

/** A request that was received. */
export interface Seen {
  /** `hub`, or the host that large files are redirected to. */
  readonly host: 'hub' | 'cdn';
  readonly path: string;
  /** The requested file. */
  readonly file: string | undefined;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
  /** Bytes of a file that were sent. */
  sent: number;
}

/** A fault in the answer to one request. */
export interface Fault {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** Breaks the connection after this many bytes of the body. */
  readonly dropAfter?: number;
  /** The connection breaks or ends only once this is true: breaking at once would lose bytes in transit. */
  readonly endWhen?: () => boolean;
  /** Sends nothing after this many bytes of the body; 0: no answer at all. */
  readonly stallAfter?: number;
  /** Milliseconds before each chunk. */
  readonly slow?: number;
  /** Replaces the bytes of the file. */
  readonly bytes?: Uint8Array;
  readonly ignoreRange?: true;
  /** The answer does not state its length. */
  readonly chunked?: true;
}

interface StoredFile {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly gitSha1: string;
}

export const hashOf = (algorithm: string, ...parts: (Uint8Array | string)[]): string => {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

function stored(content: Uint8Array | string): StoredFile {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return {
    bytes,
    sha256: hashOf('sha256', bytes),
    gitSha1: hashOf('sha1', `blob ${bytes.length}\0`, bytes),
  };
}

/** Files as a hub describes them. */
function entriesOf(files: ReadonlyMap<string, StoredFile>): object[] {
  return [...files].map(([path, { bytes, sha256, gitSha1 }]) => ({
    type: 'file',
    path,
    size: bytes.length,
    oid: gitSha1,
    ...(bytes.length > LARGE_BYTES && { lfs: { oid: sha256, size: bytes.length, pointerSize: 130 } }),
  }));
}

/** A hub of models, and of data sets whose names begin with `datasets/`, on this machine that answers the requests of a download like the Hugging Face hub. */
export class LoopbackHub {
  readonly seen: Seen[] = [];
  /** Decides what goes wrong with a request. */
  fault: (request: Seen) => Fault | undefined = () => undefined;
  /** Changes the entries of a listing. */
  listing: (entries: object[]) => unknown = (entries) => entries;
  /** Changes the address of a listing's next page. */
  nextPage: (url: string) => string = (url) => url;
  /** Whether every page of a listing links to another. */
  alwaysNext = false;
  readonly #repos = new Map<string, LoopbackRepo & { commit: string; stored: Map<string, StoredFile> }>();
  readonly #servers: Server[];

  private constructor() {
    this.#servers = (['hub', 'cdn'] as const).map((host) =>
      createServer((request, response) => {
        response.on('error', () => {});
        this.#answer(host, request, response).catch((error) => response.destroy(error));
      }),
    );
  }

  static async start(repos: Record<string, LoopbackRepo>): Promise<LoopbackHub> {
    const hub = new LoopbackHub();
    for (const [name, repo] of Object.entries(repos)) hub.put(name, repo);
    for (const server of hub.#servers) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    return hub;
  }

  /** Adds a repository or a new state of one, and returns its commit. */
  put(name: string, repo: LoopbackRepo): string {
    const files = new Map(Object.entries(repo.files).map(([path, content]) => [path, stored(content)]));
    const commit = repo.commit ?? hashOf('sha1', name, ...[...files.values()].map(({ sha256 }) => sha256));
    this.#repos.set(name, { ...repo, commit, stored: files });
    return commit;
  }

  /** Value of `HF_ENDPOINT`. */
  get endpoint(): string {
    return this.#origin(0);
  }

  #origin(server: number): string {
    return `http://127.0.0.1:${(this.#servers[server]!.address() as AddressInfo).port}`;
  }

  /** Bytes of a file that were sent, over all requests. */
  bytesOf(file: string): number {
    return this.seen.reduce((sum, request) => sum + (request.file === file ? request.sent : 0), 0);
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      server.close();
      server.closeAllConnections();
    }
  }

  async #answer(host: Seen['host'], request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.endpoint);
    const path = decodeURIComponent(url.pathname);
    const { range, authorization } = request.headers;
    const file = /^\/(?:datasets\/)?[^/]+\/[^/]+\/resolve\/[^/]+\/(.+)$/.exec(path)?.[1];
    const seen: Seen = { host, path, file, range, authorization, sent: 0 };
    this.seen.push(seen);
    const fault = this.fault(seen) ?? {};
    if (fault.status !== undefined) {
      response.writeHead(fault.status, fault.headers).end('{"error":"as the test wants it"}');
      return;
    }
    if (fault.stallAfter === 0) return;
    const [, prefix, id] = /^(\/api(?:\/models)?)?\/((?:datasets\/)?[^/]+\/[^/]+)\//.exec(path) ?? [];
    const repo = this.#repos.get(id ?? '');
    const known = authorization === `Bearer ${repo?.token}`;
    const isRefused = repo?.token !== undefined && !known && (!repo.gated || prefix === undefined);
    if (host === 'hub' && (repo === undefined || isRefused)) {
      // Like the hub: without a token, a private repository looks like a missing one.
      const code = repo?.gated ? 'GatedRepo' : 'RepoNotFound';
      response
        .writeHead(authorization === undefined || repo?.gated ? 401 : 404, { 'x-error-code': code })
        .end();
      return;
    }
    const revision = /\/(?:revision|tree|resolve|paths-info)\/([^/]+)/.exec(url.pathname)?.[1] ?? '';
    if (![repo!.commit, ...(repo!.refs ?? ['main'])].includes(decodeURIComponent(revision))) {
      response.writeHead(404, { 'x-error-code': 'RevisionNotFound' }).end();
      return;
    }
    if (path.includes('/revision/')) this.#json(response, { _id: 'x', id, sha: repo!.commit });
    else if (path.includes('/tree/')) this.#tree(url, repo!.stored, response);
    else if (path.includes('/paths-info/')) {
      const { paths } = JSON.parse(Buffer.concat(await request.toArray()).toString());
      this.#json(response, entriesOf(new Map([...repo!.stored].filter(([name]) => paths.includes(name)))));
    } else await this.#file(seen, repo!.stored.get(file ?? ''), fault, url, response);
  }

  #json(response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
  }

  #tree(url: URL, files: ReadonlyMap<string, StoredFile>, response: ServerResponse): void {
    const folder = { type: 'directory', path: 'onnx', size: 0, oid: '0'.repeat(40) };
    const all = this.listing([folder, ...entriesOf(files)]);
    if (!Array.isArray(all)) {
      this.#json(response, all);
      return;
    }
    const start = Number(url.searchParams.get('cursor') ?? 0);
    const next = new URL(url);
    next.searchParams.set('cursor', String(start + FILES_A_PAGE));
    const isLast = !this.alwaysNext && start + FILES_A_PAGE >= all.length;
    const link = `<${this.nextPage(String(next))}>; rel="next"`;
    this.#json(response, all.slice(start, start + FILES_A_PAGE), isLast ? {} : { link });
  }

  async #file(
    seen: Seen,
    file: StoredFile | undefined,
    fault: Fault,
    url: URL,
    response: ServerResponse,
  ): Promise<void> {
    if (file === undefined) {
      response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
      return;
    }
    if (seen.host === 'hub' && file.bytes.length > LARGE_BYTES) {
      response.writeHead(302, { location: `${this.#origin(1)}${url.pathname}?signature=1` }).end();
      return;
    }
    const bytes = fault.bytes ?? file.bytes;
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec((!fault.ignoreRange && seen.range) || '') ?? [];
    const start = Number(first ?? 0);
    const end = last ? Math.min(Number(last) + 1, bytes.length) : bytes.length;
    if (start >= end && bytes.length > 0) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
      return;
    }
    response.writeHead(first === undefined ? 200 : 206, {
      etag: `"${file.sha256}"`,
      ...(!fault.chunked && { 'content-length': end - start }),
      ...(first !== undefined && { 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` }),
      ...fault.headers,
    });
    await this.#send(seen, bytes.subarray(start, end), fault, response);
  }

  async #send(seen: Seen, bytes: Uint8Array, fault: Fault, response: ServerResponse): Promise<void> {
    const most = Math.min(bytes.length, fault.dropAfter ?? Infinity, fault.stallAfter ?? Infinity);
    for (let at = 0; at < most; ) {
      if (fault.slow) await new Promise((resolve) => setTimeout(resolve, fault.slow));
      const chunk = bytes.subarray(at, Math.min(at + CHUNK_BYTES, most));
      if (response.destroyed) return;
      await new Promise((resolve) => response.write(chunk, resolve));
      at += chunk.length;
      seen.sent += chunk.length;
    }
    if (fault.stallAfter !== undefined) return;
    while (fault.endWhen?.() === false) await new Promise((resolve) => setTimeout(resolve, 2));
    if (most < bytes.length) response.destroy();
    else response.end();
  }
}
