import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddedModel, loadModel } from '../../../src/index.js';
import { createHandler } from '../../../src/server.js';
import { ask, request, streamed } from '../../support/serving.js';

const model = await loadModel(embeddedModel, { build: 'simd' });
test.after(() => model.dispose());

type Samples = ReadonlyMap<string, number>;

/** Reads Prometheus' text format, and fails at lines that are none of it. */
function samplesOf(text: string): Samples {
  assert.ok(text.endsWith('\n'));
  const types = new Map<string, string>();
  const samples = new Map<string, number>();
  for (const line of text.trimEnd().split('\n')) {
    const [, name, type] = /^# TYPE ([a-z_0-9]+) (counter|gauge|histogram)$/.exec(line) ?? [];
    if (name !== undefined) types.set(name, type!);
    if (line.startsWith('#')) {
      assert.match(line, /^# (?:TYPE|HELP) [a-z_0-9]+ \S/);
      continue;
    }
    const found = /^([a-z_0-9]+)((?:\{(?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)+\})?) (\S+)$/.exec(line);
    assert.ok(found, line);
    const [, metric, labels, value] = found!;
    const family = metric!.replace(/_(?:bucket|sum|count)$/, '');
    assert.ok(types.has(metric!) || types.get(family) === 'histogram', `${metric} has a type`);
    assert.ok(Number.isFinite(Number(value)), line);
    assert.not.ok(samples.has(`${metric}${labels}`), `${line} is there once`);
    samples.set(`${metric}${labels}`, Number(value));
  }
  return samples;
}

const read = async (handler: ReturnType<typeof createHandler>) => {
  const response = await handler.fetch(request('/metrics'));
  assert.match(response.headers.get('content-type')!, 'text/plain; version=0.0.4');
  return samplesOf(await response.text());
};

test('requests, tokens and times are counted', async () => {
  const name = 'a "b"\\c';
  const handler = createHandler({ models: { [name]: model } });
  const label = 'model="a \\"b\\"\\\\c"';
  const before = await read(handler);
  assert.is(before.get('gpt2_wasm_time_to_first_token_seconds_count'), 0);
  const body = { prompt: [5, 6, 7], max_tokens: 6, seed: 1, ignore_eos: true };
  await ask(handler, '/v1/completions', body);
  await streamed(await handler.fetch(request('/v1/completions', { ...body, n: 2, stream: true })));
  await ask(handler, '/v1/completions', { temperature: -1 });
  await ask(handler, '/v1/models/none');
  for (const path of ['/x', '/y']) await ask(handler, path);
  const after = await read(handler);
  const expected: Record<string, number> = {
    'gpt2_wasm_requests_total{route="/v1/completions",status="200"}': 2,
    'gpt2_wasm_requests_total{route="/v1/completions",status="400"}': 1,
    'gpt2_wasm_requests_total{route="/v1/models/:model",status="404"}': 1,
    'gpt2_wasm_requests_total{route="other",status="404"}': 2,
    'gpt2_wasm_requests_total{route="/metrics",status="200"}': 1,
    [`gpt2_wasm_prompt_tokens_total{${label}}`]: 6,
    [`gpt2_wasm_generated_tokens_total{${label}}`]: 18,
    gpt2_wasm_time_to_first_token_seconds_count: 1,
    'gpt2_wasm_request_seconds_bucket{le="+Inf"}': 2,
    gpt2_wasm_request_seconds_count: 2,
    gpt2_wasm_requests_computing: 0,
    gpt2_wasm_streams_open: 0,
    [`gpt2_wasm_evaluations_waiting{${label}}`]: 0,
  };
  for (const [sample, value] of Object.entries(expected)) assert.is(after.get(sample), value, sample);
  for (const metric of ['tokens_per_second', 'batch_tokens', 'memory_bytes']) {
    assert.ok(after.get(`gpt2_wasm_${metric}{${label}}`)! > 0, metric);
  }
  const { total } = model.stats().pages;
  const pages = ['used', 'cached', 'free'].map(
    (state) => after.get(`gpt2_wasm_pages{${label},state="${state}"}`)!,
  );
  assert.is(
    pages.reduce((sum, count) => sum + count),
    total,
  );
  await handler.close();
});

test('an open stream and its queue are seen while it is there', async () => {
  const handler = createHandler({ models: { stories: model } });
  const body = { prompt: 'Once', max_tokens: 9, ignore_eos: true, stream: true };
  const response = await handler.fetch(request('/v1/completions', body));
  assert.is((await read(handler)).get('gpt2_wasm_streams_open'), 1);
  await streamed(response);
  assert.is((await read(handler)).get('gpt2_wasm_streams_open'), 0);
  await handler.close();
});

test('buckets count all durations up to their bound', async () => {
  const handler = createHandler({ models: { stories: model } });
  for (let i = 0; i < 3; i++) await ask(handler, '/v1/score', { text: 'Once upon a time' });
  const samples = await read(handler);
  const buckets = [...samples].filter(([name]) => name.startsWith('gpt2_wasm_request_seconds_bucket'));
  assert.equal(
    buckets.map(([, count]) => count),
    buckets.map(([, count]) => count).sort((a, b) => a - b),
  );
  assert.is(buckets.at(-1)![1], 3);
  assert.ok(samples.get('gpt2_wasm_request_seconds_sum')! > 0);
  await handler.close();
});

test('models that are not loaded are left out, and a key is asked for', async () => {
  const models = { late: () => loadModel(embeddedModel, { build: 'simd' }) };
  const handler = createHandler({ models, apiKey: 'key' });
  assert.is((await ask(handler, '/metrics')).status, 401);
  const headers = { authorization: 'Bearer key' };
  const text = async () => (await handler.fetch(request('/metrics', undefined, { headers }))).text();
  assert.not.match(await text(), 'model="late"');
  await ask(handler, '/tokenize', { prompt: 'a' }, { headers });
  assert.match(await text(), 'memory_bytes{model="late"}');
  await handler.close();
});

test.run();
