import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddedModel, loadModel } from '../../../src/index.js';
import { createHandler } from '../../../src/server.js';
import { chatSource, withTemplate } from '../../support/chat_source.js';
import { ask, request, streamed } from '../../support/serving.js';

const CHAT = '/v1/chat/completions';
const messages = [
  { role: 'system', content: 'You tell stories.' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'Who is' },
      { type: 'text', text: 'Lily?' },
    ],
  },
];
const PLAIN = 'You tell stories.\n\nUser: Who is\nLily?\nAssistant:';
const ANSWER = { messages, max_tokens: 16, seed: 4 };
const TEMPLATE =
  "{% for m in messages %}{% if m.role == 'tool' %}{{ raise_exception('no tools here') }}{% endif %}{{ m.role }}: {{ m.content }}{{ eos_token }}{% endfor %}assistant:";

const stories = await loadModel(embeddedModel, { build: 'simd' });
const tiny = await loadModel(chatSource(withTemplate(TEMPLATE)), { build: 'simd' });
const broken = await loadModel(chatSource(withTemplate('{% if %}')), { build: 'simd' });
const errors: unknown[] = [];
const handler = createHandler({
  models: { stories, tiny, broken },
  onError: (error) => errors.push(error),
  limits: { tokens: 4000 },
});
test.after(async () => {
  await handler.close();
  for (const model of [stories, tiny, broken]) model.dispose();
});

const answer = async (body: object) => {
  const { status, body: answer } = await ask(handler, CHAT, body);
  assert.is(status, 200, JSON.stringify(answer));
  return answer;
};
const object = (properties: object) => ({
  ...{ type: 'object', properties, required: Object.keys(properties), additionalProperties: false },
});
const weather = {
  type: 'function',
  function: { name: 'weather', parameters: object({ unit: { enum: ['C', 'F'] }, day: { enum: [1, 2, 3] } }) },
};
const now = { type: 'function', function: { name: 'now' } };
const named = (name: string) => ({ type: 'function', function: { name } });

test('an answer continues the chat as the library does', async () => {
  const { choices, usage, object } = await answer({ ...ANSWER, n: 3 });
  const options = { maxTokens: 16, temperature: 1, topP: 1, seed: 4, n: 3, stop: ['\nUser:'] };
  const expected = await stories.generate(PLAIN, options);
  assert.is(object, 'chat.completion');
  assert.equal(
    choices.map(({ message }: { message: object }) => message),
    expected.choices.map(({ text }) => ({ role: 'assistant', refusal: null, content: text })),
  );
  const { promptTokens, completionTokens } = expected.usage;
  assert.equal(usage, {
    ...{ prompt_tokens: promptTokens, completion_tokens: completionTokens },
    total_tokens: promptTokens + completionTokens,
  });
  // OpenAI's new name is the same limit; without one, the answer ends by itself or with the context.
  const { max_tokens, ...rest } = { ...ANSWER, max_completion_tokens: 16, n: 3 };
  assert.equal((await answer(rest)).choices, choices);
  const unlimited = await answer({
    messages,
    seed: 4,
    logit_bias: { [stories.config.eosTokenIds[0]!]: -100 },
  });
  assert.ok(unlimited.usage.total_tokens >= 512, JSON.stringify(unlimited.usage));
  assert.is(unlimited.choices[0].finish_reason, 'length');
});

test("a model's template writes the prompt", async () => {
  const { choices, usage } = await answer({ ...ANSWER, model: 'tiny' });
  const end = tiny.tokenizer.eosTokenId!;
  const prompt = ['system: You tell stories.', 'user: Who is\nLily?'].flatMap((text) => [
    ...tiny.tokenizer.encode(text),
    end,
  ]);
  prompt.push(...tiny.tokenizer.encode('assistant:'));
  const expected = await tiny.generate(prompt, { maxTokens: 16, temperature: 1, topP: 1, seed: 4 });
  assert.equal([choices[0].message.content, usage.prompt_tokens], [expected.text, prompt.length]);

  const refused = await ask(handler, CHAT, {
    ...{ model: 'tiny', messages: [{ role: 'tool', content: '5', tool_call_id: 'a' }] },
  });
  assert.equal([refused.status, refused.body.error.param], [400, 'messages']);
  assert.match(refused.body.error.message, 'no tools here');
  const failed = await ask(handler, CHAT, { model: 'broken', messages });
  assert.is(failed.status, 500);
  assert.match(String(errors.splice(0)), 'the chat template cannot be read');
});

test('an answer in JSON fits its schema', async () => {
  const schema = object({ name: { type: 'string', maxLength: 5 }, age: { enum: [1, 2] } });
  const format = { type: 'json_schema', json_schema: { name: 'child', strict: true, schema } };
  const { choices } = await answer({ ...ANSWER, max_tokens: 60, n: 4, response_format: format });
  for (const { message, finish_reason } of choices) {
    const { name, age } = JSON.parse(message.content);
    assert.is(finish_reason, 'stop');
    assert.ok(name.length <= 5 && [1, 2].includes(age), message.content);
  }
  const json = { response_format: { type: 'json_object' }, logit_bias: { 95: 10 } };
  for (const { message } of (await answer({ ...ANSWER, n: 4, max_tokens: 8, ...json })).choices) {
    assert.is(message.content[0], '{');
  }
  const text = await answer({ ...ANSWER, response_format: { type: 'text' } });
  assert.equal(text.choices, (await answer(ANSWER)).choices);
});

test('a named function is called with arguments that fit its schema', async () => {
  const tools = [now, weather];
  const calls = await answer({ ...ANSWER, max_tokens: 40, n: 3, tools, tool_choice: named('weather') });
  const ids = new Set<string>();
  for (const { message, finish_reason } of calls.choices) {
    assert.equal([message.content, message.tool_calls.length, finish_reason], [null, 1, 'tool_calls']);
    const [{ id, type, function: called }] = message.tool_calls;
    ids.add(id);
    assert.equal([type, called.name], ['function', 'weather']);
    const { unit, day } = JSON.parse(called.arguments);
    assert.ok(['C', 'F'].includes(unit) && [1, 2, 3].includes(day), called.arguments);
  }
  assert.is(ids.size, 3);
  const [choice] = (await answer({ ...ANSWER, tools: [now], tool_choice: 'required' })).choices;
  assert.equal(choice.message.tool_calls[0].function, { name: 'now', arguments: '{}' });
  const cut = await answer({ ...ANSWER, max_tokens: 2, tools, tool_choice: named('weather') });
  assert.is(cut.choices[0].finish_reason, 'length');
  const none = await answer({ ...ANSWER, tools, tool_choice: 'none' });
  assert.equal(none.choices, (await answer(ANSWER)).choices);
});

test('log-probabilities have every token of an answer with its bytes', async () => {
  const options = { maxTokens: 16, temperature: 1, topP: 1, seed: 4, stop: ['\nUser:'], logprobs: 3 };
  const expected = await stories.generate(PLAIN, options);
  const { choices } = await answer({ ...ANSWER, logprobs: true, top_logprobs: 3 });
  const { content } = choices[0].logprobs;
  assert.is(content.map(({ token }: { token: string }) => token).join(''), choices[0].message.content);
  for (const [i, { token, logprob, bytes, top_logprobs }] of content.entries()) {
    assert.equal(bytes, [...Buffer.from(token)]);
    assert.is(logprob, expected.logprobs![i]!.logprob);
    assert.equal(
      top_logprobs.map((top: { logprob: number }) => top.logprob),
      expected.logprobs![i]!.top.map((top) => top.logprob),
    );
  }
  assert.equal((await answer({ ...ANSWER, logprobs: true })).choices[0].logprobs.content[0].top_logprobs, []);
  assert.is((await answer(ANSWER)).choices[0].logprobs, null);
  // The token that ends a text is none of the answer.
  const ended = { ...ANSWER, logprobs: true, logit_bias: { [stories.config.eosTokenIds[0]!]: 100 } };
  assert.equal((await answer(ended)).choices[0].logprobs.content, []);
});

test('a stream has the same answers in pieces', async () => {
  const bodies = [
    {},
    { n: 3, logprobs: true, top_logprobs: 1 },
    { n: 2, temperature: 0 },
    { stop: [' '] },
    { model: 'tiny', n: 2 },
    { max_tokens: 60, response_format: { type: 'json_schema', json_schema: { schema: { enum: ['a', 5] } } } },
    { n: 2, tools: [weather], tool_choice: 'required', max_tokens: 40 },
  ];
  for (const body of bodies) {
    const whole = await answer({ ...ANSWER, ...body });
    const asked = { ...ANSWER, ...body, stream: true, stream_options: { include_usage: true } };
    const events = await streamed(await handler.fetch(request(CHAT, asked)));
    assert.equal(events.pop(), { ...events[0], choices: [], usage: whole.usage });
    for (const { id, object, choices, usage } of events) {
      assert.equal([id, object, choices.length, usage], [events[0].id, 'chat.completion.chunk', 1, null]);
    }
    const pieces = events.map(({ choices }) => choices[0]);
    for (const { index, message, finish_reason, logprobs } of whole.choices) {
      const own = pieces.filter((piece) => piece.index === index);
      assert.equal(own[0].delta.role, 'assistant');
      assert.equal([own.at(-1).delta, own.at(-1).finish_reason], [{}, finish_reason]);
      assert.ok(own.slice(0, -1).every((piece) => piece.finish_reason === null));
      const deltas = own.map(({ delta }) => delta);
      assert.is(deltas.map(({ content }) => content ?? '').join(''), message.content ?? '');
      const calls = deltas.flatMap(({ tool_calls }) => tool_calls ?? []);
      const written = calls.map((call) => call.function.arguments).join('');
      assert.is(written, message.tool_calls?.[0].function.arguments ?? '');
      if (message.tool_calls) assert.is(calls[0].function.name, 'weather');
      if (logprobs)
        assert.equal(
          own.flatMap((piece) => piece.logprobs?.content ?? []),
          logprobs.content,
        );
    }
  }
});

test('the last message is continued, and a template gets what the request gives it', async () => {
  const begun = [...messages, { role: 'assistant', content: 'Lily is a ' }];
  const { choices } = await answer({ ...ANSWER, messages: begun, continue_final_message: true });
  const options = { maxTokens: 16, temperature: 1, topP: 1, seed: 4, stop: ['\nUser:'] };
  const expected = await stories.generate(`${PLAIN} Lily is a`, options);
  assert.is(choices[0].message.content, expected.text);
  const same = { messages: begun, continue_final_message: true, add_generation_prompt: false };
  assert.equal((await answer({ ...ANSWER, ...same })).choices, choices);
  const none = await answer({ ...ANSWER, add_generation_prompt: false });
  assert.is(
    none.choices[0].message.content,
    (await stories.generate(`${PLAIN.slice(0, -10)}`, options)).text,
  );

  const dated = "{{ strftime_now('%Y') }}{% for m in messages %}{{ m.content }}{{ mood }}{% endfor %}";
  const model = await loadModel(chatSource(withTemplate(dated)), { build: 'simd' });
  const tokensOf = async (chatTime: (() => Date) | undefined, chat_template_kwargs?: object) => {
    const server = createHandler({ models: { model }, chatTime });
    const body = {
      messages: [{ role: 'user', content: ' a' }],
      max_tokens: 2,
      seed: 1,
      chat_template_kwargs,
    };
    const { body: text } = await ask(server, CHAT, body);
    await server.close();
    return text.choices[0].message.content;
  };
  const textOf = async (prompt: string) =>
    (await model.generate(prompt, { maxTokens: 2, temperature: 1, topP: 1, seed: 1 })).text;
  assert.is(await tokensOf(undefined), await textOf('2024 a'));
  assert.is(await tokensOf(() => new Date('1999-05-05')), await textOf('1999 a'));
  const given = { strftime_now: '2031-01-01T00:00:00Z', mood: ' happy' };
  assert.is(await tokensOf(() => new Date('1999-05-05'), given), await textOf('2031 a happy'));
  model.dispose();
});

test("parameters that say how OpenAI's service works change no answer", async () => {
  const expected = (await answer(ANSWER)).choices;
  const asked = {
    ...{ audio: null, functions: null, metadata: { a: 'b' }, modalities: ['text'], moderation: null },
    ...{ parallel_tool_calls: true, prediction: { type: 'content', content: 'a' }, prompt_cache_key: 'a' },
    ...{ prompt_cache_options: { mode: 'implicit' }, prompt_cache_retention: '24h', store: true },
    ...{ reasoning_effort: 'none', safety_identifier: 'a', service_tier: 'auto', verbosity: 'medium' },
    user: 'a',
  };
  assert.equal((await answer({ ...ANSWER, ...asked })).choices, expected);
  const [system, user] = messages;
  const parts = (user!.content as { text: string }[]).map((part) => ({
    ...part,
    prompt_cache_breakpoint: { mode: 'explicit' },
  }));
  const same = [
    { ...system, annotations: [], audio: null, function_call: null, refusal: null },
    { ...user, content: parts },
  ];
  assert.equal((await answer({ ...ANSWER, messages: same })).choices, expected);
  const said = (message: object) =>
    answer({ ...ANSWER, messages: [...messages, { role: 'assistant', ...message }, user] });
  const refused = await said({ content: null, refusal: 'No.' });
  assert.equal(refused.choices, (await said({ content: 'No.' })).choices);
});

test("lm-evaluation-harness's chats are answered", async () => {
  const content = 'Question: Who is Lily?\nAnswer:';
  const asked = {
    max_tokens: 256,
    temperature: 0,
    stop: ['\n\n', 'Question:', '</s>', '<|im_end|>'],
    seed: 1234,
  };
  const harness = await answer({
    ...asked,
    messages: [{ role: 'user', content, type: 'text' }],
    model: 'stories',
  });
  assert.equal(harness.choices, (await answer({ ...asked, messages: [{ role: 'user', content }] })).choices);
  assert.ok(harness.choices[0].message.content.length > 0);
  const unstopped = await answer({
    ...asked,
    stop: [],
    max_tokens: 4,
    messages: [{ role: 'user', content }],
  });
  assert.is(unstopped.usage.completion_tokens, 4);
});

test('what is not supported or wrong is refused by its name', async () => {
  const user = { role: 'user', content: 'a' };
  const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } };
  const cases: readonly [object, string, RegExp?][] = [
    [{ messages: [] }, 'messages'],
    [{ messages: undefined }, 'messages'],
    [{ messages: [{}] }, 'messages[0].role', /^messages\[0\]\.role is missing; it must be "system", /],
    [{ messages: [user, { role: 'user' }] }, 'messages[1].content'],
    [{ messages: [{ ...user, content: [{ type: 'image_url' }] }] }, 'messages[0].content'],
    [{ messages: [{ ...user, role: 'function' }] }, 'messages[0].role'],
    [{ messages: [{ ...user, mood: 1 }] }, 'messages[0].mood', /; the names are role, content, /],
    [{ messages: [{ ...user, conten: 'a' }] }, 'messages[0].conten', /; did you mean content\?$/],
    [{ messages: [{ ...user, content: 'word '.repeat(600) }] }, 'messages'],
    [{ tools: [now] }, 'tool_choice'],
    [{ tools: [now, weather], tool_choice: 'required' }, 'tool_choice'],
    [{ tools: [now], tool_choice: named('later') }, 'tool_choice', /is "later", but the tools are "now"$/],
    [{ tool_choice: 'required' }, 'tool_choice', /is "required", but there are no tools$/],
    [
      {
        tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'x' } } }],
        tool_choice: named('f'),
      },
      'tools[0].function.parameters',
    ],
    [
      { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { type: 'x' } } } },
      'response_format.json_schema.schema',
    ],
    [
      { response_format: { type: 'xml' } },
      'response_format.type',
      /is a string; it must be "text", "json_obj/,
    ],
    [{ response_format: {} }, 'response_format.type', /is missing; it must be "text", /],
    [
      { response_format: 'json' },
      'response_format',
      /is a string; it must be an object whose type is "text"/,
    ],
    [{ response_format: { type: 'json_object' }, guided_regex: 'a' }, 'response_format'],
    [{ functions: [] }, 'functions'],
    [{ function_call: 'none' }, 'function_call'],
    [{ audio: { voice: 'alloy' } }, 'audio'],
    [{ modalities: ['text', 'audio'] }, 'modalities[1]'],
    [{ moderation: { model: 'a' } }, 'moderation'],
    [{ reasoning_effort: 'low' }, 'reasoning_effort'],
    [{ verbosity: 'low' }, 'verbosity'],
    [{ web_search_options: {} }, 'web_search_options'],
    [{ messages: [{ ...user, function_call: { name: 'f', arguments: '' } }] }, 'messages[0].function_call'],
    [{ top_logprobs: 1 }, 'top_logprobs'],
    [{ max_tokens: 5, max_completion_tokens: 6 }, 'max_tokens'],
    [{ max_tokens: undefined, max_completion_tokens: 500, n: 20 }, 'max_completion_tokens'],
    [{ temperature: -1, stream: true }, 'temperature'],
    [{ stream_options: { include_usage: true } }, 'stream_options'],
    [{ continue_final_message: true, add_generation_prompt: true }, 'continue_final_message'],
    [
      {
        ...{ messages: [user, { role: 'assistant', tool_calls: [call] }], continue_final_message: true },
      },
      'continue_final_message',
    ],
    [{ chat_template_kwargs: { messages: [] } }, 'chat_template_kwargs.messages'],
    [{ chat_template_kwargs: { strftime_now: 'soon' } }, 'chat_template_kwargs.strftime_now'],
    [{ chat_template_kwargs: [] }, 'chat_template_kwargs'],
  ];
  for (const [body, param, message] of cases) {
    const refused = await ask(handler, CHAT, { ...ANSWER, ...body });
    const { error } = refused.body;
    assert.equal([refused.status, error.param], [400, param], JSON.stringify(error));
    if (message !== undefined) assert.match(error.message, message);
  }
  assert.equal(errors, []);
});

test.run();
