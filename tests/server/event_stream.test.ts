import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError } from '../../src/server/api_error.js';
import { eventStream } from '../../src/server/event_stream.js';
import type { Exchange } from '../../src/server/exchange.js';
import { Exchanges } from '../../src/server/exchanges.js';
import { resolveHandlerOptions } from '../../src/server/handler_options.js';
import { request } from '../support/serving.js';

const { limits } = resolveHandlerOptions({ models: { any: async () => Promise.reject() } });
const stopping = new ApiError(503, 'the server is stopping', { code: 'server_stopping' });

/** Values that come although the signal has fired: it does so before the one at `at`. */
async function* late(exchange: Exchange, at: number): AsyncGenerator<object, void> {
  for (let value = 0; value < 3; value++) {
    if (value === at) exchange.abort(stopping);
    yield { value };
  }
}

test('a stream whose signal fires when a value is there already ends, whether or not it is read', async () => {
  for (const at of [0, 1, 2]) {
    const statuses: number[] = [];
    const exchanges = new Exchanges(
      limits,
      ({ status }) => statuses.push(status),
      () => {},
    );
    const exchange = exchanges.begin(request('/v1/completions', {}));
    const response = await eventStream(exchange, late(exchange, at));
    const reader = response.body!.getReader();
    for (let read = 0; read < at; read++) await reader.read();
    const { value } = at === 0 ? { value: undefined } : await reader.read();
    // Nobody reads further, and yet it is over.
    assert.is(exchanges.counts.streams, 0);
    assert.equal(statuses, [503]);
    await exchanges.close(0);
    const last = value ?? (await reader.read()).value;
    assert.match(new TextDecoder().decode(last), '"server_stopping"');
    assert.ok((await reader.read()).done);
  }
});

test.run();
