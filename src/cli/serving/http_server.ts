import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Gpt2Error } from '../../base/errors.js';
import type { Handler } from '../../server/handler_options.js';

/** Connections on which nothing is sent or read for so long are closed: a little longer than any request may take. */
const SILENT_MS = 660_000;

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

/** Serves a handler over HTTP. Port 0 takes any free port. Throws `runtime` if the port cannot be opened. */
export async function serveHttp(handler: Handler, hostname: string, port: number): Promise<HttpServer> {
  const server = await new Promise<Server>((resolve, reject) => {
    const started = serve({ fetch: handler.fetch, hostname, port }, () => resolve(started)) as Server;
    started.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'it is in use' : cause.message;
      const message = `port ${port} of ${hostname} cannot be opened: ${why}; choose another with --port`;
      reject(new Gpt2Error('runtime', message, { cause }));
    });
  });
  server.setTimeout(SILENT_MS);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const { address, port: opened, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${opened}`,
    close: async (graceMs) => {
      // New connections are answered until the end, so that clients learn that the server stops.
      await handler.close({ graceMs });
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        server.closeAllConnections();
      });
    },
  };
}
