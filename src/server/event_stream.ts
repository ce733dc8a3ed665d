import { CLIENT_LEFT, type Exchange } from './exchange.js';

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Proxies such as nginx would collect the events otherwise.
  'x-accel-buffering': 'no',
};

const DONE = '[DONE]';

type Controller = ReadableStreamDefaultController<Uint8Array>;

/**
 * Server-sent events, one for each value, and `[DONE]`. A value is computed when the client has read the one before,
 * so that a slow reader slows nobody else. Rejects with the error of the first value; later ones become an event.
 */
export async function eventStream(
  exchange: Exchange,
  values: AsyncGenerator<object, void>,
): Promise<Response> {
  exchange.openStream();
  const first = await values.next();
  exchange.rest();
  const body = new ReadableStream(new Events(exchange, values, first), { highWaterMark: 0 });
  return new Response(body, { headers: HEADERS });
}

/** The bytes of the events. */
class Events implements UnderlyingDefaultSource<Uint8Array> {
  readonly #exchange: Exchange;
  readonly #values: AsyncGenerator<object, void>;
  readonly #utf8 = new TextEncoder();
  #first: IteratorResult<object, void> | undefined;
  #isReading = false;

  constructor(exchange: Exchange, values: AsyncGenerator<object, void>, first: IteratorResult<object, void>) {
    this.#exchange = exchange;
    this.#values = values;
    this.#first = first;
  }

  start(controller: Controller): void {
    const { signal } = this.#exchange;
    const stop = () => {
      // A value that is being computed sees the signal itself.
      if (!this.#isReading) this.#fail(controller, signal.reason);
    };
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  }

  async pull(controller: Controller): Promise<void> {
    const exchange = this.#exchange;
    this.#isReading = true;
    exchange.read();
    try {
      const { done, value } = this.#first ?? (await this.#values.next());
      this.#first = undefined;
      if (!exchange.isOpen) return;
      if (done) {
        this.#end(controller, DONE, 200);
        return;
      }
      // If it fired when the value was there already, nothing else would end the stream.
      exchange.signal.throwIfAborted();
      this.#send(controller, JSON.stringify(value));
      exchange.rest();
    } catch (error) {
      this.#fail(controller, error);
    } finally {
      this.#isReading = false;
    }
  }

  async cancel(): Promise<void> {
    this.#exchange.end(CLIENT_LEFT);
    await this.#values.return().catch(() => {});
  }

  #fail(controller: Controller, error: unknown): void {
    if (!this.#exchange.isOpen) return;
    this.#values.return().catch(() => {});
    const answer = this.#exchange.failed(error);
    this.#end(controller, JSON.stringify(answer), answer.status);
  }

  #end(controller: Controller, data: string, status: number): void {
    this.#exchange.end(status);
    this.#send(controller, data);
    controller.close();
  }

  #send(controller: Controller, data: string): void {
    controller.enqueue(this.#utf8.encode(`data: ${data}\n\n`));
  }
}
