import { EventEmitter } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddedModel, type GenerateOptions, loadModel, type Model } from '../../../src/index.js';

const APP = new URL('../../../examples/node-server/app.js', import.meta.url).href;
const PROMPT = 'Once upon a time';
const SAMPLED = { max_tokens: 30, temperature: 0.9, seed: 5 };
const SAME: GenerateOptions = { maxTokens: 30, temperature: 0.9, seed: 5 };

let model: Model;
let server: Server;
let url: string;
/** Seeds of the generations that have started. */
const begun: unknown[] = [];

test.before(async () => {
  model = await loadModel(embeddedModel, { build: 'simd' });
  const { createApp } = await import(APP);
  const watched = {
    stream(prompt: string, options: GenerateOptions) {
      begun.push(options.seed);
      return model.stream(prompt, options);
    },
  };
  server = createServer(createApp(watched, 'stories'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/completions`;
});

test.after(() => {
  server.close();
  server.closeAllConnections();
  model.dispose();
});

const post = (body: unknown) =>
  fetch(url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });

test('a completion is the one of the library', async () => {
  const expected = await model.generate(PROMPT, { ...SAME, n: 2, stop: ['.'] });
  const answer = await (await post({ prompt: PROMPT, ...SAMPLED, n: 2, stop: ['.'], model: 'any' })).json();
  assert.is(answer.object, 'text_completion');
  assert.equal(
    answer.choices.map(({ text }: { text: string }) => text),
    expected.choices.map(({ text }) => text),
  );
  const { promptTokens, completionTokens } = expected.usage;
  assert.equal(answer.usage, {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  });
  const short = await (await post({ prompt: [...model.tokenizer.encode(PROMPT)], stream: null })).json();
  assert.is(short.usage.completion_tokens, 16);
  assert.is(short.choices[0].finish_reason, 'length');
});

test('a stream has the same text in pieces', async () => {
  const expected = await model.generate(PROMPT, { maxTokens: 30, temperature: 0 });
  const response = await post({ prompt: PROMPT, max_tokens: 30, temperature: 0, stream: true });
  assert.is(response.headers.get('content-type'), 'text/event-stream');
  const events = (await response.text()).split('\n\n').filter((event) => event !== '');
  assert.is(events.pop(), 'data: [DONE]');
  const choices = events.map((event) => JSON.parse(event.slice('data: '.length)).choices[0]);
  assert.is(choices.map(({ text }) => text).join(''), expected.text);
  assert.ok(choices.length > 10);
  assert.is(choices.at(-1).finish_reason, 'length');
  assert.ok(choices.slice(0, -1).every(({ finish_reason }) => finish_reason === null));
});

test('what is wrong is said in JSON', async () => {
  const cases: [body: unknown, status: number, message: RegExp, param?: string][] = [
    ['{"prompt"', 400, /no JSON/],
    [[], 400, /JSON object/],
    [{}, 400, /prompt must be/, 'prompt'],
    [{ prompt: ['a', 'b'] }, 400, /prompt must be/, 'prompt'],
    [{ prompt: 'a', stream: 1 }, 400, /stream must be/, 'stream'],
    [{ prompt: 'a', best_of: 2 }, 400, /best_of is not supported/, 'best_of'],
    [{ prompt: 'a', constructor: 1 }, 400, /constructor is not supported/, 'constructor'],
    [{ prompt: 'a', temperature: -1 }, 400, /temperature is -1/],
    [{ prompt: 'a', temperature: -1, stream: true }, 400, /temperature is -1/],
    [{ prompt: 'word '.repeat(3000) }, 400, /context/],
    [{ prompt: 'a'.repeat(2 ** 20) }, 413, /bytes/],
  ];
  for (const [body, status, message, param = null] of cases) {
    const response = await post(body);
    const { error } = await response.json();
    assert.is(response.status, status, JSON.stringify(body).slice(0, 80));
    assert.match(error.message, message);
    assert.is(error.param, param);
    assert.is(error.type, 'invalid_request_error');
  }
  assert.is((await fetch(url)).status, 405);
  assert.is((await fetch(new URL('/v1/models', url))).status, 404);
});

/** Starts a long stream. Resolves after its first bytes, with a function that disconnects the client. */
function beginLong(seed: number): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const client = request(url, { method: 'POST' }, (response) => {
      response.once('data', () => resolve(() => client.destroy()));
    });
    client.on('error', reject);
    client.end(JSON.stringify({ prompt: PROMPT, max_tokens: 100_000, seed, stream: true }));
  });
}

test('requests are answered in their order, and one whose client leaves is passed over', async () => {
  begun.length = 0;
  const order: number[] = [];
  const first = post({ prompt: PROMPT, max_tokens: 200, seed: 1 }).then(() => order.push(1));
  await new Promise((resolve) => setTimeout(resolve, 5));
  const left = new AbortController();
  const second = fetch(url, {
    method: 'POST',
    body: JSON.stringify({ prompt: PROMPT, seed: 2 }),
    signal: left.signal,
  }).catch(({ name }) => name);
  await new Promise((resolve) => setTimeout(resolve, 5));
  left.abort();
  const third = post({ prompt: PROMPT, max_tokens: 4, seed: 3 }).then(() => order.push(3));
  await Promise.all([first, third]);
  assert.is(await second, 'AbortError');
  assert.equal(order, [1, 3]);
  // The second may have started before its client left, but not after the third.
  assert.equal(
    begun.filter((seed) => seed !== 2),
    [1, 3],
  );
});

test('a stream whose client leaves ends, and the next request has its turn', async () => {
  const leave = await beginLong(9);
  leave();
  const { choices } = await (await post({ prompt: PROMPT, ...SAMPLED })).json();
  assert.is(choices[0].text, (await model.generate(PROMPT, SAME)).text);
});

/** A response for a client that reads nothing: every write reports a full buffer, and `drain` never comes. */
class UnreadResponse extends EventEmitter {
  writableLength = 0;
  headersSent = false;
  state: 'open' | 'ended' | 'destroyed' = 'open';
  writeHead() {
    this.headersSent = true;
    return this;
  }
  write(piece: string) {
    this.writableLength += piece.length;
    return false;
  }
  end() {
    this.state = 'ended';
  }
  setHeader() {}
  setTimeout() {}
  destroy() {
    if (this.state !== 'open') return;
    this.state = 'destroyed';
    this.emit('close');
  }
}

const requestOf = (body: object) =>
  Object.assign(Readable.from([Buffer.from(JSON.stringify(body))]), {
    method: 'POST',
    url: '/v1/completions',
  });

/** A model that writes `maxTokens` tokens of 1 KB, and the signals of its streams. */
const talker = {
  signals: [] as AbortSignal[],
  stream(_: unknown, { maxTokens, signal }: { maxTokens: number; signal: AbortSignal }) {
    const choices = [{ index: 0, text: '', finishReason: 'length' }];
    const usage = { promptTokens: 1, completionTokens: maxTokens };
    talker.signals.push(signal);
    const tokens = async function* () {
      for (let i = 0; i < maxTokens; i++) {
        signal.throwIfAborted();
        yield { index: 0, text: 'word '.repeat(200) };
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    return Object.assign(tokens(), { completion: Promise.resolve({ choices, usage }) });
  },
};

test('a client that reads nothing of a long stream stops no other', async () => {
  const { createApp } = await import(APP);
  const app = createApp(talker, 'talker');
  const answered = async (max_tokens: number) => {
    const response = new UnreadResponse();
    await app(requestOf({ prompt: 'a', max_tokens, stream: true }), response);
    return response;
  };
  // The first stream would not end: it is cut off, and then the second one starts.
  const [endless, next] = await Promise.all([answered(1_000_000), answered(50)]);
  assert.is(endless.state, 'destroyed');
  assert.ok(endless.writableLength < 2 ** 21, `${endless.writableLength} bytes wait for a client`);
  assert.is(next.state, 'ended', 'what fits into the limit waits for its client and not for a place');
  assert.equal(
    talker.signals.map(({ aborted }) => aborted),
    [true, false],
    'no token is computed for a client that was cut off',
  );
});

test.run();
