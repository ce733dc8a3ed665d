import { CLIENT_LEFT, type Exchange } from './exchange.js';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  // Proxies such as nginx would collect the events otherwise.
  'x-accel-buffering': 'no',
};

const DONE = '[DONE]';

/**
 * Server-sent events, one for each value, and `[DONE]`. A value is computed when the client has read the one before,
 * so that a slow reader slows nobody else. Rejects with the error of the first value; later ones become an event.
 */
export async function eventStream(
  exchange: Exchange,
  values: AsyncGenerator<object, void>,
): Promise<Response> {
  exchange.openStream();
  const utf8 = new TextEncoder();
  let next: Promise<IteratorResult<object, void>> | undefined = values.next();
  await next;
  exchange.rest();
  let isReading = false;
  const send = (controller: ReadableStreamDefaultController<Uint8Array>, data: string) =>
    controller.enqueue(utf8.encode(`data: ${data}\n\n`));
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        exchange.signal.addEventListener('abort', () => {
          // A value that is being computed sees the signal itself.
          if (isReading || !exchange.isOpen) return;
          values.return().catch(() => {});
          send(controller, JSON.stringify(exchange.failed(exchange.signal.reason)));
          exchange.end();
          controller.close();
        });
      },
      async pull(controller) {
        isReading = true;
        exchange.read();
        let status = 200;
        let data = DONE;
        try {
          const { done, value } = await (next ?? values.next());
          next = undefined;
          if (!exchange.isOpen) return;
          if (!done) {
            send(controller, JSON.stringify(value));
            exchange.rest();
            return;
          }
        } catch (error) {
          if (!exchange.isOpen) return;
          const answer = exchange.failed(error);
          status = answer.status;
          data = JSON.stringify(answer);
        } finally {
          isReading = false;
        }
        exchange.end(status);
        send(controller, data);
        controller.close();
      },
      async cancel() {
        exchange.end(CLIENT_LEFT);
        await values.return().catch(() => {});
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: HEADERS });
}
