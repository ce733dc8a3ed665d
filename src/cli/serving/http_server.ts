import type { Server, ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { serve } from '@hono/node-server';
import { Gpt2Error } from '../../base/errors.js';
import { now, startTimer, stopTimer } from '../../base/timers.js';
import type { Handler } from '../../server/handler_options.js';

/** Connections on which nothing is sent or read are closed so long after the time that a request may take. */
const SPARE_MS = 60_000;
/** Complete answers may be sent for so long when the server stops, also if all its time is over. */
const SENDING_MS = 1000;

/**
 * Idle connections are kept so long: longer than load balancers and clients keep theirs, which would otherwise send
 * requests on connections that are being closed.
 */
const KEEP_ALIVE_MS = 75_000;

export interface HttpServer {
  readonly url: string;
  /** Refuses new requests, waits for answers in progress so long, and ends the others. */
  close(graceMs: number): Promise<void>;
}

/**
 * Throws `runtime` if a port cannot be opened now: models may take minutes to load before it is opened. The primary of a
 * cluster opens the port for its workers, so that these do not check it.
 */
export async function checkPort(hostname: string, port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(notOpened(hostname, port, cause)));
    server.listen(port, hostname, resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}

/**
 * Serves a handler over HTTP, each of whose requests takes at most `requestMs`. Port 0 takes any free port. Throws
 * `runtime` if the port cannot be opened.
 */
export async function serveHttp(
  handler: Handler,
  hostname: string,
  port: number,
  requestMs: number,
): Promise<HttpServer> {
  const server = await new Promise<Server>((resolve, reject) => {
    const started = serve({ fetch: handler.fetch, hostname, port }, () => resolve(started)) as Server;
    started.once('error', (cause) => reject(notOpened(hostname, port, cause)));
  });
  const sent = sending(server);
  server.setTimeout(requestMs + SPARE_MS);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const { address, port: opened, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${opened}`,
    close: async (graceMs) => {
      // New connections are answered until the end, so that clients learn that the server stops.
      const end = now() + graceMs;
      await handler.close({ graceMs });
      await sent(Math.max(SENDING_MS, end - now()));
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        server.closeAllConnections();
      });
    },
  };
}

const notOpened = (hostname: string, port: number, cause: NodeJS.ErrnoException) =>
  new Gpt2Error('runtime', `port ${port} of ${hostname} cannot be opened: ${problemOf(cause)}`, { cause });

/** What is wrong with an address, and which flag mends it. */
function problemOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'it is in use; choose another with --port';
  if (code === 'EACCES') return 'this user may not open it; choose one above 1023 with --port';
  return `${message}; --host must be an address or a name of this machine`;
}

/**
 * Resolves when all answers are given to the system, or after so long: a server that is closed drops the rest of answers
 * that are complete, but not yet sent.
 */
function sending(server: Server): (mostMs: number) => Promise<void> {
  const open = new Set<ServerResponse>();
  let onSent = () => {};
  server.prependListener('request', (_, response) => {
    open.add(response);
    response.once('close', () => {
      open.delete(response);
      if (open.size === 0) onSent();
    });
  });
  return async (mostMs) => {
    if (open.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = startTimer(resolve, mostMs);
      onSent = () => {
        stopTimer(timer);
        resolve();
      };
    });
  };
}
