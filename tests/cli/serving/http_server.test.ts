import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serveHttp } from '../../../src/cli/serving/http_server.js';
import type { Handler } from '../../../src/server/handler_options.js';
import { thrown } from '../../support/thrown.js';

const HOST = '127.0.0.1';
/** More than the buffers of two sockets hold. */
const BODY = 'x'.repeat(32 * 2 ** 20);

/** Each answer is complete as soon as it is asked for. */
const handlerOf = (answer: () => Response, onFetch = () => {}): Handler => ({
  async fetch() {
    onFetch();
    return answer();
  },
  async load() {},
  async close() {},
});

/** Asks for an answer without reading it. */
async function ask(url: string) {
  const socket = connect(Number(new URL(url).port), HOST);
  socket.pause();
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
  return socket;
}

/** A server whose answer is complete, and the client that does not read it. */
async function unreadAnswer() {
  let isAsked = () => {};
  const asked = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  const server = await serveHttp(
    handlerOf(() => new Response(BODY), isAsked),
    HOST,
    0,
    1000,
  );
  const socket = await ask(server.url);
  await asked;
  return { server, socket };
}

test('a server that stops sends answers that are complete to clients that are slow', async () => {
  const { server, socket } = await unreadAnswer();
  const closed = server.close(300_000);
  // The server has had its turns to drop the connection.
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 1));
  let bytes = 0;
  for await (const chunk of socket) bytes += chunk.length;
  await closed;
  assert.ok(bytes > BODY.length, `${bytes} bytes of ${BODY.length}`);
});

test('a client that does not read delays a server that stops only for the given time', async () => {
  const { server, socket } = await unreadAnswer();
  socket.on('error', () => {});
  await server.close(0);
  const { cause } = await fetch(server.url).then(
    () => assert.unreachable('nothing listens'),
    (error) => error,
  );
  assert.is(cause.code, 'ECONNREFUSED');
  socket.destroy();
});

test('an address that cannot be opened is refused with the flag that mends it', async () => {
  const handler = handlerOf(() => new Response(''));
  const server = await serveHttp(handler, HOST, 0, 1000);
  const port = Number(new URL(server.url).port);
  await thrown(
    () => serveHttp(handler, HOST, port, 1000),
    'runtime',
    /it is in use; choose another with --port$/,
  );
  await server.close(0);
  // An address for documents, which no machine has.
  await thrown(() => serveHttp(handler, '192.0.2.1', 0, 1000), 'runtime', /; --host must be an address/);
});

test.run();
