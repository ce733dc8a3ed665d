import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadModel } from '../../src/index.js';
import { CHAT_SCHEMA } from '../../src/server/chat/request.js';
import { COMPLETION_SCHEMA } from '../../src/server/completions/request.js';
import { createHandler } from '../../src/server.js';
import { answerMustConform, eventMustConform } from '../support/conforming.js';
import { holds } from '../support/property.js';
import { ask, request } from '../support/serving.js';
import { storiesTiny } from '../support/stories_tiny.js';

const model = await loadModel(fileURLToPath(storiesTiny), { build: 'simd' });
const errors: unknown[] = [];
const handler = createHandler({
  models: { tiny: model },
  limits: { tokens: 40, prompts: 4, inputs: 4 },
  onError: (error) => errors.push(error),
});
test.after(async () => {
  await handler.close();
  model.dispose();
});

/** Values that the parameters of some request have, and others. */
const anything: fc.Arbitrary<unknown> = fc.oneof(
  { maxDepth: 2 },
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    ...[null, true, 0, 1, 2, -1, 0.5, 1e300, '', 'a', [], ['a'], [1, 2], [[1], [2]], {}],
  ),
  fc.constantFrom<unknown>(
    { type: 'string' },
    { type: 'json_object' },
    [{ role: 'user', content: 'a' }],
    [{ type: 'function', function: { name: 'a' } }],
    { type: 'function', function: { name: 'a' } },
    { 5: 1 },
    { include_usage: true },
    'root ::= "a"',
    '[ab]{2}',
    'tiny',
  ),
);
const names = [
  ...Object.keys(COMPLETION_SCHEMA.entries),
  ...Object.keys(CHAT_SCHEMA.entries),
  'input',
  'text',
  'tokens',
  'content',
  '__proto__',
  'length',
];
const body = fc.dictionary(fc.constantFrom(...names), anything, { maxKeys: 6 });
const paths = [
  '/v1/completions',
  '/v1/chat/completions',
  '/v1/moderations',
  '/v1/embeddings',
  '/v1/score',
  '/v1/classify',
  '/tokenize',
  '/detokenize',
  '/v1/models',
  '/x',
];

/** One for each status. */
const EXAMPLES: readonly [string, unknown][] = [
  ['/v1/score', { text: 'a cat' }],
  ['/v1/completions', { prompt: 'a', temperature: -1 }],
  ['/x', {}],
  ['/v1/models', {}],
];

test('whatever is asked is answered, or refused with a reason, and never by a failure', async () => {
  const seen = new Set<number>();
  const asked = fc.tuple(fc.constantFrom(...paths), fc.oneof(body, body, anything));
  await holds(
    'hostile requests',
    asked,
    async ([path, body]) => {
      const response = await handler.fetch(request(path, JSON.stringify(body)));
      const text = await response.text();
      const about = `${path} ${JSON.stringify(body)}: ${response.status} ${text} ${errors.splice(0)}`;
      assert.ok([200, 400, 404, 405].includes(response.status), about);
      assert.not.match(text, /NaN|Infinity|undefined/, about);
      if (text.startsWith('data: ')) {
        assert.ok(text.endsWith('data: [DONE]\n\n'), about);
        for (const event of text.trimEnd().split('\n\n')) eventMustConform(event.slice('data: '.length));
      } else {
        const answer = JSON.parse(text);
        answerMustConform(path, response.status, answer);
        const { length } = answer.error?.message ?? about;
        assert.ok(response.status === 200 || (length > 5 && length < 1500), about);
      }
      seen.add(response.status);
    },
    400,
    EXAMPLES,
  );
  assert.equal([...seen].sort(), [200, 400, 404, 405]);
});

test('messages are short, and repeat no text of the request', async () => {
  const tools = Array.from({ length: 2000 }, (_, i) => ({
    type: 'function',
    function: { name: `tool${i}` },
  }));
  const chosen = { type: 'function', function: { name: 'x' } };
  const secret = 'quixotry';
  const bodies: [path: string, body: unknown][] = [
    ['/v1/chat/completions', { messages: [{ role: 'user', content: 'a' }], tools, tool_choice: chosen }],
    ['/v1/chat/completions', `{"messages": [{"role": "user", "content": "${secret}}]`],
    ['/v1/chat/completions', { messages: secret }],
    ['/v1/chat/completions', { messages: [secret] }],
    ['/v1/chat/completions', { messages: [{ role: 'user', content: [secret] }] }],
    ['/v1/completions', `${secret}`],
    ['/v1/completions', JSON.stringify(secret)],
    ['/v1/completions', { prompt: [secret, {}] }],
    ['/detokenize', { tokens: secret }],
    ['/v1/moderations', { input: [secret, 5] }],
    ['/v1/feedback', { user: 'a', prompt: [secret] }],
    ['/v1/score', { text: { text: secret } }],
  ];
  for (const [path, body] of bodies) {
    const { status, body: answer } = await ask(handler, path, body);
    const { message } = answer.error;
    assert.is(status, 400, message);
    assert.ok(message.length <= 4000, `${message.length} characters`);
    assert.not.match(message, secret);
  }
});

test('a body that nests deeply is refused', async () => {
  const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`;
  for (const body of [deep, `{"prompt": ${deep}}`, `{"guided_json": {"a": ${deep}}}`]) {
    const { status } = await ask(handler, '/v1/completions', body);
    assert.is(status, 400);
  }
  const messages = [{ role: 'user', content: 'a' }];
  const chat = (more: string) => `${JSON.stringify({ messages, max_tokens: 4 }).slice(0, -1)}, ${more}}`;
  const tool = `{"type": "function", "function": {"name": "f", "parameters": {"a": ${deep}}}}`;
  const schema = `{"type": "json_schema", "json_schema": {"schema": {"a": ${deep}}}}`;
  for (const body of [
    `{"messages": ${deep}}`,
    chat(`"tools": [${tool}], "tool_choice": "required"`),
    chat(`"tools": [${tool}], "tool_choice": "none"`),
    chat(`"response_format": ${schema}`),
    JSON.stringify({
      messages: [
        {
          role: 'assistant',
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: deep } }],
        },
      ],
    }),
  ]) {
    const { status, body: answer } = await ask(handler, '/v1/chat/completions', body);
    assert.ok(
      [200, 400].includes(status),
      `${body.slice(0, 100)}: ${JSON.stringify(answer)} ${errors.splice(0)}`,
    );
  }
});

test.run();
