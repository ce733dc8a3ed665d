import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Gpt2Error } from '../../base/errors.js';
import { isDirectHost } from '../../server/direct_host.js';
import { siteHeaders } from './site_headers.js';

/** Only programs on this machine reach the server. */
const HOST = '127.0.0.1';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

/** Media types that are sent compressed. Weights would not get smaller. */
const IS_TEXT = /^(?:text\/|image\/svg|application\/(?:json|wasm))/;

export interface SiteServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves files by their path in the site, and nothing else. Port 0 takes any free port.
 * Throws `runtime` if the port cannot be opened.
 */
export async function serveSite(files: ReadonlyMap<string, string>, port: number): Promise<SiteServer> {
  const compressed = new Map<string, Promise<Buffer>>();
  const server = createServer((request, response) => {
    answer(files, compressed, request, response).catch((error) => response.destroy(error));
  });
  await listen(server, port);
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'it is in use' : cause.message;
      reject(
        new Gpt2Error('runtime', `port ${port} cannot be opened: ${why}; choose another with --port`, {
          cause,
        }),
      );
    });
    server.listen(port, HOST, resolve);
  });
}

async function answer(
  files: ReadonlyMap<string, string>,
  compressed: Map<string, Promise<Buffer>>,
  { method, url = '/', headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = url.replace(/[?#].*/, '').slice(1) || 'index.html';
  for (const [name, value] of Object.entries(siteHeaders(path))) response.setHeader(name, value);
  if (!isForThisMachine(headers.host)) {
    response.writeHead(421).end(`open the address ${HOST} or localhost\n`);
    return;
  }
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const file = files.get(path);
  if (file === undefined) {
    response.writeHead(404).end();
    return;
  }
  const { size, mtimeMs } = await stat(file);
  const type = TYPES[extname(file)] ?? 'application/octet-stream';
  const isCompressed = IS_TEXT.test(type) && acceptsGzip(headers['accept-encoding']);
  const version = `${size}-${Math.floor(mtimeMs)}`;
  const etag = `"${version}${isCompressed ? '-gzip' : ''}"`;
  response.setHeader('vary', 'accept-encoding');
  response.setHeader('etag', etag);
  if (headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  if (isCompressed) {
    const body = await compressedFile(file, version, compressed);
    response.writeHead(200, {
      ...{ 'content-type': type, 'content-encoding': 'gzip', 'content-length': body.length },
    });
    response.end(method === 'HEAD' ? undefined : body);
    return;
  }
  response.writeHead(200, { 'content-type': type, 'content-length': size });
  if (method === 'HEAD') response.end();
  else
    createReadStream(file)
      .on('error', (error) => response.destroy(error))
      .pipe(response);
}

/** Whether a Host header names this machine, whatever the port: that may be another one's, by a tunnel. */
function isForThisMachine(host = ''): boolean {
  const url = `http://${host}`;
  return URL.canParse(url) && isDirectHost(new URL(url).hostname);
}

/** Whether a browser accepts gzip, according to its Accept-Encoding header. */
function acceptsGzip(header: string | string[] | undefined): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(String(header ?? ''));
}

/** A file in gzip, compressed once for each version of the file. */
function compressedFile(
  file: string,
  version: string,
  compressed: Map<string, Promise<Buffer>>,
): Promise<Buffer> {
  const key = `${file} ${version}`;
  const known = compressed.get(key);
  if (known !== undefined) return known;
  const body = readFile(file).then((bytes) => promisify(gzip)(bytes));
  compressed.set(key, body);
  body.catch(() => compressed.delete(key));
  return body;
}
