import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inOrder } from '../../../src/base/in_order.js';
import { embeddedModel, loadModel } from '../../../src/index.js';
import { answerLine } from '../../../src/server/batch/answer_line.js';
import { parseBatchLine } from '../../../src/server/batch/batch_line.js';
import { createHandler } from '../../../src/server.js';
import { answerMustConform, mustConform } from '../../support/conforming.js';
import { freshSeed } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { ask } from '../../support/serving.js';
import { thrown } from '../../support/thrown.js';

const model = await loadModel(embeddedModel, { build: 'simd' });
const handler = createHandler({ models: { stories: model } });
test.after(async () => {
  await handler.close();
  model.dispose();
});

const never = new AbortController().signal;
const lineOf = (custom_id: string, url: string, body: object) =>
  parseBatchLine(JSON.stringify({ custom_id, method: 'POST', url, body }), 'line 1');
/** The line that answers, which must be in OpenAI's form. */
async function answerTo(line: ReturnType<typeof lineOf>): Promise<string> {
  const { line: text } = await answerLine(line, handler.fetch, never);
  const answer = JSON.parse(text);
  mustConform(answer, 'batchLine');
  answerMustConform(line.url, answer.response.status_code, answer.response.body);
  return text;
}
const answered = async (custom_id: string, url: string, body: object) =>
  JSON.parse(await answerTo(lineOf(custom_id, url, body)));

test('an answer is that of the route, with a name and a time that are always the same', async () => {
  const body = { prompt: 'Once', max_tokens: 6, seed: 3, logprobs: 1 };
  const { id, custom_id, response, error } = await answered('a', '/v1/completions', body);
  const direct = (await ask(handler, '/v1/completions', body)).body;
  assert.equal([custom_id, response.status_code, error], ['a', 200, null]);
  assert.equal({ ...response.body, id: '', created: 0 }, { ...direct, id: '', created: 0 });
  assert.match(response.body.id, /^cmpl-[0-9a-f]{32}$/);
  assert.is(id, `batch_req_${response.request_id}`);
  const messages = [{ role: 'user', content: 'Hi' }];
  const chat = () => answered('c', '/v1/chat/completions', { messages, max_tokens: 6 });
  const [once, twice] = [await chat(), await chat()];
  assert.is(once.response.status_code, 200);
  assert.equal(once, twice);
  const tools = [{ type: 'function', function: { name: 'now' } }];
  const call = () =>
    answered('d', '/v1/chat/completions', { messages, tools, tool_choice: 'required', n: 2, max_tokens: 8 });
  const [first, second] = [await call(), await call()];
  assert.equal(first, second);
  const ids = first.response.body.choices.map(
    ({ message }: { message: { tool_calls: { id: string }[] } }) => message.tool_calls[0]!.id,
  );
  assert.is(new Set(ids).size, 2);
  const score = await answered('b', '/v1/score', { text: 'Once upon' });
  assert.equal(score.response.body, (await ask(handler, '/v1/score', { text: 'Once upon' })).body);
});

test('a refused request has the status and the error of the route', async () => {
  const { response } = await answered('a', '/v1/completions', { temperature: -1 });
  assert.is(response.status_code, 400);
  assert.is(response.body.error.param, 'temperature');
});

test('lines have the same bytes alone and in a crowd of any order, also without a seed', async () => {
  const random = randomSource(freshSeed('lines in a crowd'));
  const lines = Array.from({ length: 40 }, (_, i) => {
    if (i % 5 === 4) return lineOf(`e${i}`, '/v1/embeddings', { input: `A cat ${i}.` });
    const body = { prompt: 'The dog', max_tokens: 1 + ((3 * i) % 10), n: 1 + random.below(2) };
    return lineOf(`c${i}`, '/v1/completions', body);
  });
  const work = { size: () => 1, signal: never, run: answerTo };
  const together: string[] = [];
  for await (const line of inOrder(lines, { ...work, most: 40 })) together.push(line);
  const backwards: string[] = [];
  for await (const line of inOrder(lines.toReversed(), { ...work, most: 1 })) backwards.push(line);
  assert.equal(backwards.reverse(), together);
  const texts = together.map((line) => JSON.parse(line).response.body.choices?.[0].text);
  // A name has always the same seed, and the first text does not depend on n.
  assert.ok(new Set(texts.filter((text) => text?.length > 10)).size > 5, 'requests have seeds of their own');
});

test('characters that some readers take for line breaks are escaped', async () => {
  const body = { prompt: 'a\u2028b\u2029c\n', max_tokens: 0, echo: true };
  const line = await answerTo(lineOf('\u2028', '/v1/completions', body));
  assert.not.match(line, /[\u2028\u2029\n]/);
  assert.is(JSON.parse(line).response.body.choices[0].text, body.prompt);
});

test('an aborted batch and a model that cannot be loaded give no lines', async () => {
  const line = lineOf('a', '/v1/completions', { prompt: 'Once', max_tokens: 400, n: 20 });
  const controller = new AbortController();
  const ended = answerLine(line, handler.fetch, controller.signal);
  setTimeout(() => controller.abort(), 20);
  await thrown(() => ended, 'aborted', 'the batch');
  const broken = createHandler({ models: { a: () => Promise.reject(new Error('no')) } });
  await thrown(() => answerLine(line, broken.fetch, never), 'runtime', 'could not be loaded');
  await broken.close();
});

test('wrong lines are refused with their place', async () => {
  const good = { custom_id: 'a', method: 'POST', url: '/v1/score', body: { text: 'a' } };
  const cases: [line: unknown, message: string][] = [
    ['{', 'line 1 is not valid JSON'],
    [[], 'line 1: a request is an object'],
    [{ ...good, custom_id: 5 }, 'custom_id'],
    [{ ...good, custom_id: '' }, 'custom_id'],
    [{ ...good, custom_id: 'a'.repeat(1001) }, 'custom_id has 1001 characters; it may have 1000'],
    [{ ...good, method: 'GET' }, 'method'],
    [{ ...good, url: '/v1/models' }, 'url must be one of /v1/completions'],
    [{ ...good, url: '/tokenize' }, 'url'],
    [{ ...good, body: 'a' }, 'body must be'],
    [{ ...good, body: { stream: true } }, 'body.stream'],
  ];
  for (const [line, message] of cases) {
    const text = typeof line === 'string' ? line : JSON.stringify(line);
    await thrown(() => parseBatchLine(text, 'line 1'), 'invalid-file', message);
  }
  assert.is(parseBatchLine(JSON.stringify({ ...good, method: undefined }), 'line 1').customId, 'a');
});

test.run();
