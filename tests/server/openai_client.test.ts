import OpenAI from 'openai';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddedModel, loadModel } from '../../src/index.js';
import { ApiError } from '../../src/server/api_error.js';
import { type AccessEntry, createHandler } from '../../src/server.js';
import { failingStreams } from '../support/failing_stream.js';
import { listening } from '../support/listening.js';
import { until } from '../support/until.js';

const PROMPT = 'Once upon a time';
const BODY = { model: 'stories', prompt: PROMPT, max_tokens: 12, seed: 7 };

const entries: AccessEntry[] = [];
const model = await loadModel(embeddedModel, { build: 'simd' });
const handler = createHandler({
  models: { stories: model, failing: failingStreams(model, new Error('no space')) },
  apiKey: 'test-key',
  onAnswer: (entry) => entries.push(entry),
});
/** Requests that are refused before they reach the handler. */
let refusals = 0;
const fetch = async (request: Request) =>
  refusals-- > 0 ? new ApiError(503, 'busy', { retryAfter: 0.01 }).toResponse() : handler.fetch(request);
const { baseURL, close } = await listening(fetch);
const openai = new OpenAI({ baseURL, apiKey: 'test-key', maxRetries: 0 });

test.after(async () => {
  await handler.close();
  close();
  model.dispose();
});

async function refused(call: () => Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await call();
  } catch (error) {
    assert.instance(error, OpenAI.APIError, String(error));
    return error as InstanceType<typeof OpenAI.APIError>;
  }
  throw new Error('the call was answered');
}

test("OpenAI's client gets completions", async () => {
  const expected = await model.generate(PROMPT, { maxTokens: 12, temperature: 1, topP: 1, seed: 7, n: 2 });
  const answer = await openai.completions.create({ ...BODY, n: 2, logprobs: 1, echo: true });
  assert.equal(
    answer.choices.map(({ text }) => text),
    expected.choices.map(({ text }) => PROMPT + text),
  );
  const { tokens, token_logprobs, text_offset, top_logprobs } = answer.choices[0]!.logprobs!;
  assert.is(tokens!.join(''), answer.choices[0]!.text);
  assert.equal(
    [token_logprobs!.length, text_offset!.length, top_logprobs!.length],
    Array(3).fill(tokens!.length),
  );
  assert.is(answer.usage!.completion_tokens, expected.usage.completionTokens);
});

test("OpenAI's client gets streams", async () => {
  const whole = await openai.completions.create(BODY);
  const stream = await openai.completions.create({
    ...{ ...BODY, stream: true, stream_options: { include_usage: true } },
  });
  let text = '';
  const ids = new Set<string>();
  let usage: OpenAI.CompletionUsage | undefined | null;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.text ?? '';
    ids.add(chunk.id);
    usage = chunk.usage;
  }
  assert.is(text, whole.choices[0]!.text);
  assert.is(ids.size, 1);
  assert.equal(usage, whole.usage);
});

test("OpenAI's client gets chats, whole, in streams and as calls of tools", async () => {
  const messages = [{ role: 'user' as const, content: 'Tell me a story.' }];
  const body = { model: 'stories', messages, max_completion_tokens: 12, seed: 7 };
  const whole = await openai.chat.completions.create({ ...body, n: 2, logprobs: true, top_logprobs: 2 });
  assert.is(whole.choices.length, 2);
  const [{ message, logprobs }] = whole.choices as [OpenAI.ChatCompletion.Choice];
  assert.is(logprobs!.content!.map(({ token }) => token).join(''), message.content);
  const stream = openai.chat.completions.stream({ ...body, n: 2 });
  const final = await stream.finalChatCompletion();
  assert.equal(
    final.choices.map(({ message, finish_reason }) => [message.content, finish_reason]),
    whole.choices.map(({ message, finish_reason }) => [message.content, finish_reason]),
  );
  const schema = {
    type: 'object',
    properties: { n: { enum: [1, 2] } },
    required: ['n'],
    additionalProperties: false,
  };
  const parsed = await openai.chat.completions.parse({
    ...{
      ...body,
      response_format: { type: 'json_schema', json_schema: { name: 'n', strict: true, schema } },
    },
  });
  assert.ok([1, 2].includes(JSON.parse(parsed.choices[0]!.message.content!).n));
  const tool = { type: 'function', function: { name: 'count', parameters: schema } } as const;
  const calling = openai.chat.completions.stream({
    ...{ ...body, tools: [tool], tool_choice: { type: 'function', function: { name: 'count' } } },
  });
  const call = await calling.finalFunctionToolCall();
  assert.is(call!.name, 'count');
  assert.ok([1, 2].includes(JSON.parse(call!.arguments).n));
  const refusal = await refused(() => openai.chat.completions.create({ ...body, tools: [tool] }));
  assert.equal([refusal.status, refusal.param], [400, 'tool_choice']);
});

test("OpenAI's client gets moderations", async () => {
  const { results } = await openai.moderations.create({ input: ['The dog', 'Write to a.b@example.com'] });
  assert.equal(
    results.map(({ flagged }) => flagged),
    [false, true],
  );
  assert.is(results[1]!.categories.hate, false);
});

test('a client that aborts its stream, or leaves the loop, ends the work', async () => {
  const endless = { ...BODY, max_tokens: 500, ignore_eos: true } as typeof BODY;
  const before = entries.length;
  const first = await openai.completions.create({ ...endless, stream: true });
  for await (const _ of first) break;
  const second = await openai.completions.create({ ...endless, stream: true });
  let chunks = 0;
  for await (const _ of second) if (++chunks === 3) second.controller.abort();
  const isIdle = () => model.stats().running === 0;
  await until(() => entries.length === before + 2 && isIdle());
  const third = new AbortController();
  const whole = openai.completions.create({ ...endless, n: 100 }, { signal: third.signal });
  await until(() => !isIdle());
  third.abort();
  await whole.catch(() => {});
  await until(() => entries.length === before + 3 && isIdle());
  for (const { status, completionTokens = 0 } of entries.slice(before)) {
    assert.is(status, 499);
    assert.ok(completionTokens < 500);
  }
});

test("errors become the client's classes, with the parameter", async () => {
  const wrong = await refused(() => openai.completions.create({ ...BODY, temperature: -1 }));
  assert.instance(wrong, OpenAI.BadRequestError);
  assert.equal(
    [wrong.param, wrong.type, wrong.code],
    ['temperature', 'invalid_request_error', 'invalid_value'],
  );
  const missing = await refused(() => openai.completions.create({ ...BODY, model: 'gpt-4' }));
  assert.instance(missing, OpenAI.NotFoundError);
  assert.is(missing.code, 'model_not_found');
  const stream = await refused(() => openai.completions.create({ ...BODY, stream: true, top_p: 5 }));
  assert.equal([stream.status, stream.param], [400, 'top_p']);
  const stranger = new OpenAI({ baseURL, apiKey: 'wrong', maxRetries: 0 });
  assert.instance(await refused(() => stranger.models.list()), OpenAI.AuthenticationError);
});

test('the reason why a stream failed in its middle is shown', async () => {
  let text = '';
  const error = await refused(async () => {
    const stream = await openai.completions.create({ ...BODY, model: 'failing', stream: true });
    for await (const { choices } of stream) text += choices[0]!.text;
  });
  assert.is(text, 'a');
  assert.match(error.message, 'the server failed to answer this request');
});

test('a client that retries gets its answer', async () => {
  refusals = 2;
  const patient = new OpenAI({ baseURL, apiKey: 'test-key', maxRetries: 2 });
  assert.is((await patient.completions.create(BODY)).choices.length, 1);
});

test("OpenAI's client gets embeddings and models", async () => {
  const [expected] = await model.embed(['A cat'], { normalize: true });
  for (const encoding of [{}, { encoding_format: 'float' as const }]) {
    const { data } = await openai.embeddings.create({ model: 'stories', input: ['A cat'], ...encoding });
    assert.equal(Float32Array.from(data[0]!.embedding), expected);
  }
  const names: string[] = [];
  for await (const { id } of openai.models.list()) names.push(id);
  assert.equal(names, ['stories', 'failing']);
  assert.is((await openai.models.retrieve('stories')).id, 'stories');
});

test.run();
