// Of answers that were changed anywhere, the check of OpenAI's form finds every one.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddedModel, loadModel } from '../../src/index.js';
import { createHandler } from '../../src/server.js';
import { answerMustConform, eventMustConform, streamMustConform } from '../support/conforming.js';
import { ask, request, streamed } from '../support/serving.js';

const model = await loadModel(embeddedModel, { build: 'simd' });
const handler = createHandler({ models: { stories: model } });
test.after(async () => {
  await handler.close();
  model.dispose();
});

/** What may be missing: extensions, fields of a delta, and entries of objects whose keys are tokens. */
const OPTIONAL =
  /(prompt_logprobs|usage|delta\/\w+|tool_calls\/0\/\w+|choices\/0\/logprobs)$|\d\/logprobs\/top_logprobs\/\d+\/|prompt_logprobs\/\d+\/[^/]*$|\/function\/name$/;

/** Copies of a value, each with one field missing, one too many, or one of a type that it cannot have. */
function* wrong(value: unknown, at = ''): Generator<unknown> {
  yield { surplus: true };
  yield [[]];
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) {
      for (const other of wrong(item, `${at}/${i}`)) yield value.with(i, other);
    }
  } else if (typeof value === 'object' && value !== null) {
    yield { ...value, surplus: 1 };
    for (const [key, item] of Object.entries(value)) {
      const { [key]: _, ...rest } = value as Record<string, unknown>;
      if (!OPTIONAL.test(`${at}/${key}`)) yield rest;
      for (const other of wrong(item, `${at}/${key}`)) yield { ...value, [key]: other };
    }
  }
}

/** Always the same two tokens. */
const GENERATED = { max_tokens: 2, seed: 1, ignore_eos: true };
const messages = [{ role: 'user', content: 'Hi' }];
const tool = { type: 'function', function: { name: 'f', parameters: { enum: [1] } } };
const call = { tools: [tool], tool_choice: 'required' };
const REQUESTS: readonly (readonly [path: string, body: object | undefined])[] = [
  ['/v1/completions', { ...GENERATED, prompt: 'A cat', logprobs: 1, echo: true, prompt_logprobs: 1 }],
  ['/v1/completions', { ...GENERATED, prompt: 'A cat' }],
  ['/v1/chat/completions', { ...GENERATED, messages, logprobs: true, top_logprobs: 1 }],
  ['/v1/chat/completions', { ...GENERATED, messages, ...call }],
  ['/v1/models', undefined],
  ['/v1/models/stories', undefined],
  ['/v1/embeddings', { input: 'a' }],
  ['/v1/moderations', { input: 'a' }],
  ['/v1/completions', { prompt: 5 }],
  ['/v1/nothing', undefined],
];

test('a wrong field is found anywhere in an answer', async () => {
  for (const [path, body] of REQUESTS) {
    const { status, body: answer } = await ask(handler, path, body);
    let count = 0;
    for (const other of wrong(answer)) {
      count++;
      assert.throws(() => answerMustConform(path, status, other), /OpenAI's form/, JSON.stringify(other));
    }
    assert.ok(count > 10);
  }
});

test('a wrong field is found anywhere in the events of a stream', async () => {
  for (const [path, body] of REQUESTS.slice(0, 4)) {
    const asked = { ...body, stream: true, stream_options: { include_usage: true } };
    for (const event of await streamed(await handler.fetch(request(path, asked)))) {
      for (const other of wrong(event)) {
        const about = JSON.stringify(other);
        assert.throws(() => eventMustConform(about), /OpenAI's form/, about);
      }
    }
  }
});

test('a stream whose events do not make one answer is found', async () => {
  for (const [path, body] of REQUESTS.slice(1, 4)) {
    for (const include_usage of [true, false]) {
      const asked = { ...body, stream: true, stream_options: { include_usage } };
      const events = await streamed(await handler.fetch(request(path, asked)));
      const end = events.at(-1);
      const reasons = events.filter(({ choices }) => choices[0]?.finish_reason);
      const streams = [
        [{ ...events[0], id: 'cmpl-other' }, ...events.slice(1)],
        [...events.slice(0, -1), { ...end, created: end.created + 1 }],
        [...events, end],
        events.filter((event) => event !== reasons[0]),
        [...reasons, ...events],
        events.slice(0, -1),
        events.map((event) => ({ ...event, usage: include_usage ? undefined : null })),
        ...(path.includes('chat') ? [events.slice(1), [events[0], ...events]] : []),
      ];
      for (const [i, stream] of streams.entries()) {
        assert.throws(
          () => streamMustConform(stream),
          undefined,
          `${i} of ${path}: ${JSON.stringify(stream)}`,
        );
      }
    }
  }
});

test.run();
