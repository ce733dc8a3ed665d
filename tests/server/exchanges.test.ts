import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../src/index.js';
import { createHandler, type HandlerOptions } from '../../src/server.js';
import { ask, request, streamed } from '../support/serving.js';
import { storiesTiny } from '../support/stories_tiny.js';
import { thrown } from '../support/thrown.js';

const model = await loadModel(fileURLToPath(storiesTiny), { build: 'simd' });
test.after(() => model.dispose());

const serving = (options: Omit<HandlerOptions, 'models'> = {}) =>
  createHandler({ models: { stories: model }, ...options });
const COMPLETIONS = '/v1/completions';

/** A request whose body never ends. */
const endless = (headers: Record<string, string>) => {
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"prompt"')),
  });
  return request(COMPLETIONS, '', { body, headers, duplex: 'half' } as RequestInit);
};

test('a body that does not come is waited for as long as an answer, and not when the server stops', async () => {
  const impatient = serving({ limits: { requestMs: 30 } });
  const patient = serving();
  for (const headers of [{}, { 'content-length': '100' }] as Record<string, string>[]) {
    assert.is((await impatient.fetch(endless(headers))).status, 504);
  }
  const answers = [patient.fetch(endless({})), patient.fetch(endless({ 'content-length': '100' }))];
  await patient.close({ graceMs: 1 });
  for (const answer of await Promise.all(answers)) assert.is(answer.status, 503);
  await impatient.close();
});

test('bodies of all open requests together take as much memory as those that may compute', async () => {
  const handler = serving({ limits: { requests: 2, bodyBytes: 40 } });
  const left = new AbortController();
  const half = () => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(`{"prompt": "${'a'.repeat(20)}`)),
    });
    return request(COMPLETIONS, '', { body, duplex: 'half', signal: left.signal } as RequestInit);
  };
  const waiting = [half(), half()].map((each) => handler.fetch(each));
  const refused = await handler.fetch(half());
  assert.equal([refused.status, refused.headers.get('retry-after')], [503, '1']);
  assert.is((await refused.json()).error.code, 'server_busy');
  left.abort();
  await Promise.all(waiting);
  const body = { prompt: 'a', max_tokens: 1 };
  for (let i = 0; i < 5; i++) assert.is((await ask(handler, COMPLETIONS, body)).status, 200);
  await handler.close();
});

test('a server that is stopped twice stops at the earlier time, and both calls end', async () => {
  const handler = serving();
  const body = { prompt: 'Once', max_tokens: 500, ignore_eos: true, n: 100 };
  const answer = ask(handler, COMPLETIONS, body);
  const closed = [handler.close({ graceMs: 200_000 }), handler.close({ graceMs: 0 })];
  assert.is((await answer).status, 503);
  await Promise.all(closed);
});

test('requests that a server refuses because it stops are in the log', async () => {
  const entries: [string, number][] = [];
  const handler = serving({
    origins: ['https://a.com'],
    onAnswer: ({ path, status }) => entries.push([path, status]),
  });
  const stream = await handler.fetch(request(COMPLETIONS, { max_tokens: 2, stream: true }));
  const closed = handler.close({ graceMs: 200_000 });
  const headers = { origin: 'https://a.com' };
  const refused = await handler.fetch(request('/health', undefined, { headers }));
  assert.equal([refused.status, refused.headers.get('retry-after')], [503, '1']);
  // Pages can read why.
  assert.is(refused.headers.get('access-control-allow-origin'), 'https://a.com');
  await streamed(stream);
  await closed;
  assert.equal(entries, [
    ['/health', 503],
    [COMPLETIONS, 200],
  ]);
});

test('a log that fails harms no answer', async () => {
  const errors: unknown[] = [];
  const onAnswer = () => {
    throw new Error('the disk is full');
  };
  const handler = serving({ onAnswer, onError: (error) => errors.push(error) });
  assert.is((await ask(handler, COMPLETIONS, { max_tokens: 1 })).status, 200);
  const stream = await handler.fetch(request(COMPLETIONS, { max_tokens: 1, stream: true }));
  assert.ok((await streamed(stream)).length > 0);
  assert.equal(
    errors.map((error) => (error as Error).message),
    ['the disk is full', 'the disk is full'],
  );
  await handler.close();
});

test('how long a stop may take is checked', async () => {
  const handler = serving();
  for (const graceMs of [Number.POSITIVE_INFINITY, Number.NaN, -1, 0.5]) {
    await thrown(() => handler.close({ graceMs }), 'invalid-option', `graceMs is ${graceMs}`);
  }
  await thrown(() => handler.close({ grace: 1 } as never), 'invalid-option', 'grace is not an option');
});

test.run();
