import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

export interface ServerOptions {
  /** Sent with every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Returns true if it answered the request itself; may also only set headers or change `request.url`. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean | undefined;
  /** Whether ranges are served; without them every answer is the whole file. */
  readonly ranges?: boolean;
  /** Whether answers with a whole file state its length. */
  readonly lengths?: boolean;
  /** Milliseconds between pieces of a file, for a slow server. */
  readonly pauseMs?: number | undefined;
}

export interface FileServer {
  /** Without a slash at the end. */
  readonly url: string;
  /** Every request so far: method, path, and the range if it has one. */
  readonly requests: string[];
  /** Bytes sent, by path. */
  readonly sent: ReadonlyMap<string, number>;
  /** Number of unfinished answers. */
  open(): number;
  /** Most unfinished answers with weights at any time. */
  mostOpen(): number;
  close(): Promise<void>;
}

/** Serves a folder on a free port of 127.0.0.1. */
export async function serveFiles(root: string, options: ServerOptions = {}): Promise<FileServer> {
  const requests: string[] = [];
  const sent = new Map<string, number>();
  let open = 0;
  let openWeights = 0;
  let mostOpen = 0;
  const server = createServer((request, response) => {
    const { range } = request.headers;
    requests.push(`${request.method} ${request.url}${range === undefined ? '' : ` ${range}`}`);
    for (const [name, value] of Object.entries(options.headers ?? {})) response.setHeader(name, value);
    if (options.answer?.(request, response)) return;
    const weights = request.url!.endsWith('.safetensors') ? 1 : 0;
    open++;
    openWeights += weights;
    mostOpen = Math.max(mostOpen, openWeights);
    response.on('close', () => {
      open--;
      openWeights -= weights;
    });
    serveFile(root, request, response, options, sent).catch((error) => response.destroy(error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ requests, sent },
    open: () => open,
    mostOpen: () => mostOpen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serveFile(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
  { ranges = true, lengths = true, pauseMs }: ServerOptions,
  sent: Map<string, number>,
): Promise<void> {
  const { pathname } = new URL(request.url!, 'http://localhost');
  const path = join(root, decodeURIComponent(pathname));
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) {
    response.writeHead(404).end(`there is no ${pathname}`);
    return;
  }
  response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
  response.setHeader('etag', `"${found.size}-${found.mtimeMs}"`);
  let [start, end] = [0, found.size];
  const asked = ranges && /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (asked) {
    start = Number(asked[1]);
    if (asked[2] !== '') end = Math.min(end, Number(asked[2]) + 1);
    if (start >= end) {
      response.writeHead(416, { 'content-range': `bytes */${found.size}` }).end();
      return;
    }
    response.setHeader('content-range', `bytes ${start}-${end - 1}/${found.size}`);
  }
  if (lengths || asked) response.setHeader('content-length', end - start);
  response.statusCode = asked ? 206 : 200;
  if (request.method === 'HEAD' || end === start) {
    response.end();
    return;
  }
  const pieces = async function* () {
    for await (const piece of createReadStream(path, { start, end: end - 1 })) {
      sent.set(pathname, (sent.get(pathname) ?? 0) + piece.length);
      yield piece;
      if (pauseMs !== undefined) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  // Fails if the client closes the connection.
  await pipeline(pieces, response).catch(() => response.destroy());
}
