import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddedModel, loadModel, type Model } from '../../../src/index.js';
import { type AccessEntry, createHandler, type Limits } from '../../../src/server.js';
import { failingStreams } from '../../support/failing_stream.js';
import { ask, eventsOf, request, streamed } from '../../support/serving.js';
import { until } from '../../support/until.js';

const PROMPT = 'Once upon a time';
const SAMPLED = { prompt: PROMPT, max_tokens: 20, seed: 5 };
/** More than any test waits for. */
const LONG = { prompt: PROMPT, max_tokens: 500, ignore_eos: true, stream: true };

const model = await loadModel(embeddedModel, { build: 'simd' });
test.after(() => model.dispose());

function serving(limits: Partial<Limits> = {}, served: Model = model) {
  const entries: AccessEntry[] = [];
  const errors: unknown[] = [];
  const { fetch, close } = createHandler({
    models: { stories: served },
    limits,
    onAnswer: (entry) => entries.push(entry),
    onError: (error) => errors.push(error),
  });
  const stream = (body: object, init?: RequestInit) =>
    fetch(request('/v1/completions', { ...body, stream: true }, init));
  return { fetch, close, stream, entries, errors };
}

test('a stream has the same texts, log-probabilities and reasons in pieces', async () => {
  const { fetch, stream, close } = serving();
  const bodies = [
    {},
    { n: 3 },
    { n: 2, temperature: 0 },
    { prompt: [PROMPT, 'The dog', 'Lily'], n: 2, logprobs: 1, stop: ['.'] },
    { logprobs: 2, echo: true, prompt_logprobs: 1 },
    { prompt: ['a', 'b'], max_tokens: 0, echo: true },
    { prompt: 'A 🦆', logit_bias: { [model.tokenizer.encode('🦆')[0]!]: 20 }, logprobs: 0 },
  ];
  for (const body of bodies) {
    const whole = (await ask({ fetch }, '/v1/completions', { ...SAMPLED, ...body })).body;
    const response = await stream({ ...SAMPLED, ...body, stream_options: { include_usage: true } });
    assert.match(response.headers.get('content-type')!, /^text\/event-stream/);
    const events = await streamed(response);
    assert.equal(events.pop(), { ...events[0], choices: [], usage: whole.usage });
    for (const event of events) {
      assert.equal(
        [event.id, event.created, event.model, event.usage],
        [events[0].id, events[0].created, 'stories', null],
      );
    }
    const pieces = events.flatMap(({ choices }) => choices);
    for (const choice of whole.choices) {
      const own = pieces.filter(({ index }) => index === choice.index);
      assert.is(own.map(({ text }) => text).join(''), choice.text);
      assert.is(own.at(-1).finish_reason, choice.finish_reason);
      assert.ok(own.slice(0, -1).every(({ finish_reason }) => finish_reason === null));
      for (const name of Object.keys(choice.logprobs ?? {})) {
        assert.equal(
          own.flatMap(({ logprobs }) => logprobs[name]),
          choice.logprobs[name],
        );
      }
      assert.equal(own[0].prompt_logprobs, choice.prompt_logprobs);
    }
  }
  const [event] = await streamed(await stream({ ...SAMPLED, max_tokens: 1 }));
  assert.not('usage' in event);
  await close();
});

test('an error before the first token has its status', async () => {
  const { stream, close } = serving();
  for (const [body, param] of [
    [{ temperature: -1 }, 'temperature'],
    [{ min_tokens: 50 }, 'min_tokens'],
    [{ guided_regex: '(' }, 'guided_regex'],
    [{ best_of: 2 }, 'best_of'],
  ] as const) {
    const response = await stream({ ...SAMPLED, ...body });
    assert.is(response.status, 400);
    assert.is((await response.json()).error.param, param);
  }
  await close();
});

test('tokens are computed as they are read, and a client that leaves ends them', async () => {
  const { stream, close, entries } = serving();
  const before = model.stats();
  const events = eventsOf(await stream(LONG));
  for (let i = 0; i < 3; i++) await events.next();
  await until(() => model.stats().running === 0);
  // An unread stream stays where it is.
  await new Promise((resolve) => setTimeout(resolve, 50));
  await events.return();
  assert.equal(
    entries.map(({ status }) => status),
    [499],
  );
  assert.ok(entries[0]!.completionTokens! <= 4, `${entries[0]!.completionTokens} tokens for 3 events`);
  await until(() => model.stats().pages.used === before.pages.used);

  const left = new AbortController();
  await stream({ ...LONG, n: 50 }, { signal: left.signal });
  left.abort();
  await until(() => entries.length === 2 && model.stats().pages.used === before.pages.used);
  assert.is(entries[1]!.status, 499);
  await close();
});

test('a stream that is not read holds no place, and is ended after a while', async () => {
  const { fetch, stream, close, entries } = serving({ requests: 1, unreadMs: 1000 });
  const events = eventsOf(await stream(LONG));
  await events.next();
  const { status } = await ask({ fetch }, '/v1/completions', SAMPLED);
  assert.is(status, 200);
  await until(() => entries.some((entry) => entry.status === 408));
  const rest: string[] = [];
  for await (const event of events) rest.push(event);
  assert.is(rest.length, 1);
  assert.match(JSON.parse(rest[0]!).error.message, 'not read for 1000 ms');
  await close();
});

test('no more streams are open than may be', async () => {
  const { stream, close } = serving({ streams: 1 });
  const events = eventsOf(await stream(LONG));
  await events.next();
  const refused = await stream(SAMPLED);
  assert.is(refused.status, 503);
  assert.is(refused.headers.get('retry-after'), '1');
  await events.return();
  assert.ok((await streamed(await stream(SAMPLED))).length > 1);
  await close();
});

test('an error in the middle is the last event, without what concerns the server alone', async () => {
  const failing = failingStreams(model, new Error('no space at /secret/path'));
  const { stream, close, errors, entries } = serving({}, failing);
  const events: string[] = [];
  for await (const event of eventsOf(await stream(SAMPLED))) events.push(event);
  assert.is(events.length, 2);
  const { error } = JSON.parse(events[1]!);
  assert.is(error.type, 'server_error');
  assert.not.match(events[1]!, 'secret');
  assert.match(String(errors), 'secret');
  assert.is(entries[0]!.status, 500);
  await close();
});

test('a server that stops ends its streams with an event that says so', async () => {
  const { fetch, stream, close } = serving();
  const unread = eventsOf(await stream(LONG));
  await unread.next();
  const read = eventsOf(await stream(LONG));
  let events = 0;
  const last = (async () => {
    for (let event = ''; ; events++) {
      const { done, value } = await read.next();
      if (done) return event;
      event = value;
    }
  })();
  await until(() => events > 2);
  const closed = close({ graceMs: 1 });
  const refused = await ask({ fetch }, '/health');
  assert.is(refused.status, 503);
  assert.is(refused.headers.get('retry-after'), '1');
  for (const event of [await last, (await unread.next()).value!]) {
    assert.is(JSON.parse(event).error.code, 'server_stopping');
  }
  assert.ok((await unread.next()).done);
  await closed;
});

test('answers in progress are finished before a server stops', async () => {
  const { fetch, stream, close } = serving();
  const expected = (await ask({ fetch }, '/v1/completions', SAMPLED)).body.choices[0].text;
  const whole = ask({ fetch }, '/v1/completions', SAMPLED);
  const events = streamed(await stream(SAMPLED));
  await close();
  assert.is((await whole).body.choices[0].text, expected);
  assert.is((await events).map(({ choices }) => choices[0].text).join(''), expected);
});

test.run();
