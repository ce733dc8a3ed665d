import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddedModel, Gpt2Error, loadModel, type Model } from '../../src/index.js';
import { type AccessEntry, createHandler, type HandlerOptions } from '../../src/server.js';
import { ask, request, streamed } from '../support/serving.js';
import { thrown } from '../support/thrown.js';
import { until } from '../support/until.js';

const model = await loadModel(embeddedModel, { build: 'simd' });
test.after(() => model.dispose());

const serving = (options: Omit<HandlerOptions, 'models'> = {}) =>
  createHandler({ models: { stories: model }, ...options });
const COMPLETIONS = '/v1/completions';

test('wrong requests are answered with the parameter that is wrong', async () => {
  const handler = serving({ limits: { prompts: 3, tokens: 1000 } });
  const cases: [body: unknown, param: string | null, message: RegExp, code?: string][] = [
    ['{"prompt"', null, /^the body is not valid JSON: .* at line 1, column 10$/, 'invalid_json'],
    [[], null, /the body is an array; it must be a JSON object/],
    ['null', null, /JSON object/],
    [{ prompt: 5 }, 'prompt', /^prompt is 5; it must be a text, an array of token ids/],
    [{ prompt: ['a', 5] }, 'prompt', /^prompt is an array/],
    [{ prompt: [[1], [4096]] }, 'prompt[1]', /token ids are 0 to 4095/],
    [{ prompt: [1.5] }, 'prompt', /1\.5/],
    [{ prompt: ['a', 'word '.repeat(600)] }, 'prompt[1]', /512/, 'context_length_exceeded'],
    [{ prompt: 'word '.repeat(60_000) }, 'prompt', /context 512/, 'context_length_exceeded'],
    [{ prompt: ['a', 'b', 'c', 'd'] }, 'prompt', /4 texts; at most 3/],
    [{ prompt: ['a', 'b'], n: 4, max_tokens: 200 }, 'max_tokens', /may have 1600 tokens, more than 1000;/],
    [{ max_tokens: -1 }, 'max_tokens', /^max_tokens is -1/],
    [{ temperature: -1 }, 'temperature', /^temperature is -1; it must be a number from 0 to 100$/],
    [{ temperature: 'hot' }, 'temperature', /^temperature is "hot"; it must be a number$/],
    [{ top_p: 2 }, 'top_p', /^top_p is 2/],
    [{ top_k: -2 }, 'top_k', /^top_k is -2/],
    [{ min_p: 3 }, 'min_p', /^min_p is 3/],
    [{ repetition_penalty: 0 }, 'repetition_penalty', /^repetition_penalty is 0/],
    [{ frequency_penalty: 3 }, 'frequency_penalty', /^frequency_penalty is 3/],
    [{ presence_penalty: '1' }, 'presence_penalty', /^presence_penalty is "1"/],
    [{ seed: 1.5 }, 'seed', /^seed is 1.5/],
    [{ stop: [''] }, 'stop[0]', /^stop\[0\] is ""/],
    [{ stop: 5 }, 'stop', /^stop is 5/],
    [{ n: 0 }, 'n', /^n is 0/],
    [{ n: 3, best_of: 2 }, 'best_of', /at least n, which is 3/],
    [{ logprobs: 21 }, 'logprobs', /from 0 to 20/],
    [{ logit_bias: { a: 1 } }, 'logit_bias', /a key of logit_bias is "a"/],
    [{ logit_bias: { 5: 101 } }, 'logit_bias[5]', /101/],
    [{ logit_bias: { 5: 'x' } }, 'logit_bias[5]', /"x"/],
    [{ logit_bias: 5 }, 'logit_bias', /^logit_bias is 5; it must be an object/],
    ['{"logit_bias": {"__proto__": 5}}', 'logit_bias', /a key of logit_bias is "__proto__"/],
    [{ min_tokens: 17 }, 'min_tokens', /^min_tokens is 17, but max_tokens is 16$/],
    [{ guided_regex: '(' }, 'guided_regex', /Unterminated group/],
    [{ guided_json: { type: 'text' } }, 'guided_json', /^guided_json#\/type: is "text"/],
    [{ guided_json: '{' }, 'guided_json', /no JSON/],
    [{ guided_json: [] }, 'guided_json', /JSON schema/],
    [{ guided_choice: [] }, 'guided_choice', /^guided_choice is empty/],
    [
      { guided_choice: Array.from({ length: 30_000 }, (_, i) => `x${i}`) },
      'guided_choice',
      /^guided_choice is too complex/,
    ],
    [{ grammar: 'root ::= x' }, 'grammar', /the rule x is not defined/],
    [{ grammar: 'root ::= "a"', guided_regex: 'a' }, 'guided_regex', /one form/],
    [{ suffix: 'end' }, 'suffix', /suffix is not supported/, 'unsupported_parameter'],
    [{ stream_options: {} }, 'stream_options', /needs stream/],
    [
      { stream: true, stream_options: { usage: true } },
      'stream_options.usage',
      /^stream_options.usage is not a parameter.*; (did you mean|the names are) include_usage/,
    ],
    [
      { stream: true, stream_options: { include_obfuscation: true } },
      'stream_options.include_obfuscation',
      /not padded/,
    ],
    [{ max_new_tokens: 5 }, 'max_new_tokens', /did you mean max_tokens\?$/, 'unknown_parameter'],
    [{ constructor: 1 }, 'constructor', /the parameters are model, prompt/, 'unknown_parameter'],
    [JSON.parse('{"__proto__": 1}'), '__proto__', /not a parameter/, 'unknown_parameter'],
    [{ '': 1 }, '""', /^"" is not a parameter/, 'unknown_parameter'],
    [{ model: 5 }, 'model', /^model is 5/],
  ];
  for (const [body, param, message, code] of cases) {
    const { status, body: answer } = await ask(handler, COMPLETIONS, body);
    const about = JSON.stringify(body).slice(0, 80);
    assert.is(status, 400, about);
    assert.match(answer.error.message, message, about);
    assert.is(answer.error.param, param, about);
    assert.is(answer.error.type, 'invalid_request_error', about);
    if (code !== undefined) assert.is(answer.error.code, code, about);
  }
  await handler.close();
});

test("as many texts are taken at once as OpenAI's clients send, where nothing is generated", async () => {
  const texts = Array(2048).fill('');
  const wide = serving();
  assert.is((await ask(wide, '/v1/moderations', { input: texts })).body.results.length, 2048);
  const { error } = (await ask(wide, '/v1/embeddings', { input: [...texts, 'a'] })).body;
  assert.match(error.message, 'input has 2049 texts; at most 2048');
  await wide.close();
  const narrow = serving({ limits: { inputs: 2 } });
  for (const [path, param] of [
    ['/v1/embeddings', 'input'],
    ['/v1/moderations', 'input'],
    ['/v1/score', 'text'],
  ] as const) {
    assert.is((await ask(narrow, path, { [param]: ['a', 'b'] })).status, 200);
    const { status, body } = await ask(narrow, path, { [param]: ['a', 'b', 'c'] });
    assert.equal([status, body.error.param, body.error.code], [400, param, 'too_many_inputs']);
  }
  await narrow.close();
});

test('what is not there is said in the same form', async () => {
  const handler = serving();
  const cases: [path: string, body: unknown, status: number, code: string][] = [
    [COMPLETIONS, { model: 'gpt-4' }, 404, 'model_not_found'],
    ['/v1/models/gpt-4', undefined, 404, 'model_not_found'],
    ['/v1/responses', { input: 'a' }, 404, 'unknown_url'],
    [COMPLETIONS, undefined, 405, 'method_not_allowed'],
    ['/health', {}, 405, 'method_not_allowed'],
  ];
  for (const [path, body, expected, code] of cases) {
    const { status, body: answer } = await ask(handler, path, body);
    assert.equal([status, answer.error.code], [expected, code], path);
  }
  const allowed = await ask(handler, '/v1/models/a/b', undefined, { method: 'DELETE' });
  assert.is(allowed.body.error.message, 'DELETE is not allowed at /v1/models/a/b; use GET');
  assert.is(allowed.headers.get('allow'), 'GET');
  assert.match((await ask(handler, '/v1/models/gpt-4')).body.error.message, '; the models are "stories"');
  // Clients that take another API of OpenAI's learn which there is.
  const { message } = (await ask(handler, '/v1/responses', { input: 'a' })).body.error;
  assert.match(
    message,
    /no POST \/v1\/responses; .*GET \/v1\/models\/:model, .*POST \/v1\/chat\/completions,/,
  );
  await handler.close();
});

test('a key is asked for, but not for the health of the server', async () => {
  const handler = serving({ apiKey: 'secret' });
  const withKey = (authorization: string) =>
    ask(handler, '/v1/models', undefined, { headers: { authorization } });
  const without = await ask(handler, '/v1/models');
  assert.equal(
    [without.body.error.code, without.headers.get('www-authenticate')],
    ['missing_api_key', 'Bearer'],
  );
  for (const wrong of ['Bearer Secret', 'Bearer s', 'Bearer secretsecret', 'Bearer secret\u00e9']) {
    const { status, body } = await withKey(wrong);
    assert.equal([status, body.error.code], [401, 'invalid_api_key'], wrong);
  }
  assert.is((await withKey('Basic secret')).status, 401);
  assert.is((await withKey('bearer  secret')).status, 200);
  assert.is((await ask(handler, '/health')).status, 200);
  assert.is((await ask(handler, '/v1/nothing')).status, 401);
  await handler.close();
});

test('long bodies are refused, with and without a length', async () => {
  const handler = serving({ limits: { bodyBytes: 1000 } });
  const body = JSON.stringify({ prompt: 'a'.repeat(2000) });
  const pieces = () =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(body));
        controller.close();
      },
    });
  const inits = [
    { body },
    { body, headers: { 'content-length': String(body.length) } },
    { body: pieces(), duplex: 'half' },
  ];
  for (const init of inits) {
    const { status, body: answer } = await ask(handler, COMPLETIONS, '', init as RequestInit);
    assert.equal([status, answer.error.code], [413, 'body_too_large']);
  }
  assert.is((await ask(handler, COMPLETIONS, { prompt: 'dog '.repeat(200), max_tokens: 1 })).status, 200);
  await handler.close();
});

test('requests without a stream, as those of Firefox, are read whole, within the same limits', async () => {
  const handler = serving({ limits: { bodyBytes: 1000 } });
  const post = (body: string) => {
    const init = { method: 'POST', body };
    const streamless = new Request('http://localhost/v1/completions', init);
    return handler.fetch(Object.defineProperty(streamless, 'body', { value: undefined }));
  };
  const body = JSON.stringify({ prompt: 'Once', max_tokens: 1, seed: 5 });
  const { choices } = await (await post(body)).json();
  assert.is(choices.length, 1);
  const tooLong = await post(body + ' '.repeat(1000));
  assert.equal([tooLong.status, (await tooLong.json()).error.code], [413, 'body_too_large']);
  const empty = await post('');
  assert.equal([empty.status, (await empty.json()).error.code], [400, 'invalid_json']);
  await handler.close();
});

test('a body that ends early is the fault of its sender', async () => {
  const errors: unknown[] = [];
  const handler = serving({ onError: (error) => errors.push(error) });
  const half = () =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"prompt"'));
      },
      pull: (controller) => controller.error(new Error('aborted')),
    });
  for (const headers of [{}, { 'content-length': '100' }]) {
    const init = { body: half(), headers, duplex: 'half' };
    const { status, body } = await ask(handler, COMPLETIONS, '', init as RequestInit);
    assert.equal([status, body.error.code], [400, 'incomplete_body']);
  }
  assert.equal(errors, []);
  await handler.close();
});

test('pages use the server only if their origin is listed', async () => {
  const page = { headers: { origin: 'https://example.com' } };
  const closed = serving();
  assert.is((await ask(closed, '/v1/models', undefined, page)).body.error.code, 'forbidden_origin');
  assert.is((await ask(closed, COMPLETIONS, { max_tokens: 1 }, page)).status, 403);
  const open = serving({ origins: ['https://example.com'], apiKey: 'k' });
  const preflight = await open.fetch(
    request(COMPLETIONS, undefined, {
      method: 'OPTIONS',
      headers: { ...page.headers, 'access-control-request-method': 'POST' },
    }),
  );
  assert.is(preflight.status, 204);
  const headers = { ...page.headers, authorization: 'Bearer k' };
  const answer = await ask(open, COMPLETIONS, { max_tokens: 1 }, { headers });
  assert.is(answer.status, 200);
  assert.is(answer.headers.get('access-control-allow-origin'), 'https://example.com');
  assert.is(answer.headers.get('access-control-expose-headers'), 'retry-after');
  const other = await ask(open, '/v1/models', undefined, {
    headers: { ...headers, origin: 'https://example.org' },
  });
  assert.is(other.status, 403);
  await Promise.all([closed.close(), open.close()]);
});

test('images, frames and links of other pages do not use the server, which have no origin', async () => {
  let loads = 0;
  const load = async () => {
    loads++;
    return loadModel(embeddedModel, { build: 'simd' });
  };
  const handler = createHandler({ models: { stories: load }, origins: ['https://example.com'] });
  const statusFrom = async (site: string) =>
    (await ask(handler, '/tokenizer_info', undefined, { headers: { 'sec-fetch-site': site } })).status;
  assert.equal([await statusFrom('cross-site'), await statusFrom('same-site'), loads], [403, 403, 0]);
  assert.equal([await statusFrom('none'), await statusFrom('same-origin'), loads], [200, 200, 1]);
  await handler.close();
});

test('a server that has names is reached by them, addresses and localhost alone', async () => {
  const handler = serving({ hosts: ['models.example.com'] });
  const statusAt = async (host: string) =>
    (await handler.fetch(new Request(`http://${host}/v1/models`))).status;
  for (const host of [
    'models.example.com:8080',
    'localhost:1',
    'a.localhost',
    '127.0.0.1:80',
    '[::1]:8080',
  ]) {
    assert.is(await statusAt(host), 200, host);
  }
  for (const host of ['example.com', 'evil.example', '127.0.0.1.evil.example', 'localhost.evil.example']) {
    assert.is(await statusAt(host), 421, host);
  }
  const refused = await handler.fetch(new Request('http://evil.example/metrics'));
  assert.is((await refused.json()).error.code, 'forbidden_host');
  await handler.close();
  const any = serving();
  assert.is((await any.fetch(new Request('http://evil.example/health'))).status, 200);
  await any.close();
  for (const hosts of ['a', ['https://a'], ['a:80'], ['A'], ['*'], [5]]) {
    await thrown(() => serving({ hosts } as never), 'invalid-option', /^hosts/);
  }
});

test('no answer is kept, shown as a page or taken for a script', async () => {
  const handler = serving({ apiKey: 'k' });
  const headers = { authorization: 'Bearer k' };
  const answers = await Promise.all([
    handler.fetch(request('/health')),
    handler.fetch(request('/v1/models')),
    handler.fetch(request('/v1/nothing', undefined, { headers })),
    handler.fetch(request('/metrics', undefined, { headers })),
    handler.fetch(request(COMPLETIONS, { prompt: 'a', max_tokens: 1, stream: true }, { headers })),
    handler.fetch(request(COMPLETIONS, '{"prompt"', { headers, method: 'POST', body: '{"prompt"' })),
  ]);
  assert.equal(
    answers.map(({ status }) => status),
    [200, 401, 404, 200, 200, 400],
  );
  for (const { headers, url } of answers) {
    assert.is(headers.get('x-content-type-options'), 'nosniff', url);
    assert.is(headers.get('cache-control'), 'no-store', url);
    assert.is(headers.get('cross-origin-resource-policy'), 'same-origin', url);
    assert.is(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'", url);
  }
  await Promise.all(answers.map((answer) => answer.text()));
  await handler.close();
});

test('more requests than may compute are sent away, and the health stays', async () => {
  const handler = serving({ limits: { requests: 2 } });
  const body = { prompt: 'Once', max_tokens: 40, n: 4 };
  const answers = Promise.all(Array.from({ length: 5 }, () => ask(handler, COMPLETIONS, body)));
  assert.is((await ask(handler, '/health')).status, 200);
  const statuses = (await answers).map(({ status }) => status);
  assert.equal(statuses.sort(), [200, 200, 503, 503, 503]);
  const busy = (await answers).find(({ status }) => status === 503)!;
  assert.equal([busy.body.error.code, busy.headers.get('retry-after')], ['server_busy', '1']);
  assert.is((await ask(handler, COMPLETIONS, { ...body, max_tokens: 1 })).status, 200);
  await handler.close();
});

test('an answer that takes too long is ended', async () => {
  const handler = serving({ limits: { requestMs: 30 } });
  const { status, body } = await ask(handler, COMPLETIONS, { max_tokens: 500, n: 100, ignore_eos: true });
  assert.is(status, 504);
  assert.match(body.error.message, '30 ms');
  await until(() => model.stats().running === 0);
  await handler.close();
});

test('answers are reported without their texts', async () => {
  const entries: AccessEntry[] = [];
  const handler = serving({ onAnswer: (entry) => entries.push(entry) });
  await ask(handler, `${COMPLETIONS}?key=secret`, { prompt: 'secret', max_tokens: 3, seed: 1 });
  await streamed(
    await handler.fetch(request(COMPLETIONS, { prompt: 'secret', max_tokens: 3, seed: 1, stream: true })),
  );
  await ask(handler, '/v1/nothing');
  const told = { method: 'POST', path: COMPLETIONS, status: 200, model: 'stories', completionTokens: 3 };
  for (const entry of entries.slice(0, 2)) {
    const { ms, promptTokens, ...rest } = entry;
    assert.equal(rest, told);
    assert.ok(ms > 0 && promptTokens! > 0);
  }
  assert.equal([entries[2]!.method, entries[2]!.status], ['GET', 404]);
  assert.not.match(JSON.stringify(entries), 'secret');
  await handler.close();
});

test('answers are reported with the bodies of their requests if the owner asks for it', async () => {
  const entries: AccessEntry[] = [];
  const handler = serving({ onAnswer: (entry) => entries.push(entry), logRequests: true });
  const body = { prompt: 'Once', max_tokens: 3, seed: 1 };
  await ask(handler, COMPLETIONS, body);
  await streamed(await handler.fetch(request(COMPLETIONS, { ...body, stream: true })));
  await ask(handler, COMPLETIONS, { ...body, max_tokens: -1 });
  await ask(handler, '/v1/models');
  assert.equal(
    entries.map(({ status, request }) => [status, request]),
    [
      [200, body],
      [200, { ...body, stream: true }],
      [400, { ...body, max_tokens: -1 }],
      [200, undefined],
    ],
  );
  await handler.close();
});

test('models are loaded when they are first asked for, and once', async () => {
  let loads = 0;
  const errors: unknown[] = [];
  let late: Model | undefined;
  const handler = createHandler({
    models: {
      given: model,
      late: async () => {
        if (++loads === 1) throw new Gpt2Error('not-found', 'there is no folder /secret/path');
        late = await loadModel(embeddedModel, { build: 'simd' });
        return late;
      },
    },
    onError: (error) => errors.push(error),
  });
  const body = { model: 'late', prompt: 'Once', max_tokens: 2 };
  assert.is((await ask(handler, COMPLETIONS, { ...body, model: undefined })).body.model, 'given');
  assert.is(loads, 0);
  const failed = await ask(handler, COMPLETIONS, body);
  assert.equal([failed.status, failed.body.error.code], [503, 'model_not_loaded']);
  assert.not.match(JSON.stringify(failed.body), 'secret');
  assert.match(String(errors), 'secret');
  const both = await Promise.all([ask(handler, COMPLETIONS, body), ask(handler, COMPLETIONS, body)]);
  assert.equal(
    both.map(({ status }) => status),
    [200, 200],
  );
  assert.is(loads, 2);
  await handler.close();
  await thrown(() => late!.generate('a'), 'disposed');
  // Models that were given are the caller's.
  assert.is((await model.generate('a', { maxTokens: 1 })).tokens.length, 1);
});

test('wrong options are refused', async () => {
  const models = { stories: model };
  await thrown(() => createHandler({ models: {} }), 'invalid-option', 'models');
  // The last one is as a model of a worker.
  for (const a of [5, {}, { stream() {}, generate() {} }]) {
    await thrown(() => createHandler({ models: { a } } as never), 'invalid-option', 'models.a is');
  }
  for (const apiKey of ['', 'a b', 'é']) {
    await thrown(() => createHandler({ models, apiKey }), 'invalid-option', 'apiKey');
  }
  await thrown(
    () => createHandler({ models, limits: { requests: 0 } }),
    'invalid-option',
    'limits.requests is 0',
  );
  await thrown(
    () => createHandler({ models, limits: { request: 1 } as never }),
    'invalid-option',
    'requests',
  );
  await thrown(() => createHandler({ models: [model] as never }), 'invalid-option', 'models is an array');
  await thrown(() => createHandler({ models, origins: 'a' as never }), 'invalid-option', 'origins is "a"');
  for (const origin of ['*', 'example.com', 'https://example.com/', 'https://Example.com', 5]) {
    const origins = ['http://localhost:3000', 'chrome-extension://abc', origin] as string[];
    await thrown(() => createHandler({ models, origins }), 'invalid-option', 'origins[2] is');
  }
  await thrown(() => createHandler({ models, chatTime: 5 as never }), 'invalid-option', 'chatTime is 5');
  await thrown(
    () => createHandler({ models, logRequests: 1 as never }),
    'invalid-option',
    'logRequests is 1',
  );
  await thrown(() => createHandler({ models, port: 1 } as never), 'invalid-option', 'port');
});

test.run();
