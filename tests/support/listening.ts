import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Handler } from '../../src/server.js';
import { answerMustConform, type Chunk, eventMustConform, streamMustConform } from './conforming.js';

/** A handler's answers over HTTP, on a free port of this machine. */
export interface Listening {
  readonly baseURL: string;
  close(): void;
}

/** Serves a handler by Node. Answers that are not in OpenAI's form fail. */
export async function listening(fetch: Handler['fetch']): Promise<Listening> {
  const checked = async (request: Request) => conforming(request, await fetch(request));
  const server = serve({ fetch: checked, hostname: '127.0.0.1', port: 0 }) as Server;
  if (!server.listening) await once(server, 'listening');
  return {
    baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function conforming(request: Request, response: Response): Promise<Response> {
  const { status, headers } = response;
  const type = headers.get('content-type')!;
  if (type.startsWith('application/json')) {
    answerMustConform(new URL(request.url).pathname, status, await response.clone().json());
    return response;
  }
  if (!type.startsWith('text/event-stream')) return response;
  const utf8 = new TextDecoder();
  const values: Chunk[] = [];
  const body = response.body!.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(event, controller) {
        const value = eventMustConform(utf8.decode(event).slice('data: '.length, -'\n\n'.length));
        if (value === undefined) streamMustConform(values);
        else values.push(value);
        controller.enqueue(event);
      },
    }),
  );
  return new Response(body, { status, headers });
}
