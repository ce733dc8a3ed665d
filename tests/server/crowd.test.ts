import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { embeddedModel, loadModel } from '../../src/index.js';
import { createHandler } from '../../src/server.js';
import { freshSeed } from '../support/property.js';
import { randomSource } from '../support/random.js';
import { ask, request, streamed } from '../support/serving.js';

const COMPLETIONS = '/v1/completions';
const CHAT = '/v1/chat/completions';
const model = await loadModel(embeddedModel, { build: 'simd' });
test.after(() => model.dispose());

test('100 requests of all kinds at once are answered as each alone', async () => {
  const handler = createHandler({ models: { stories: model } });
  const random = randomSource(freshSeed('mixed requests'));
  const pick = <T>(...values: T[]): T => values[random.below(values.length)]!;
  const prompts = ['Once upon a time', 'The dog', 'Lily and Tom went', '', 'One day, a big red '];
  const bodies = Array.from({ length: 100 }, (_, i) => ({
    prompt: pick<string | string[]>(pick(...prompts), [pick(...prompts), pick(...prompts)]),
    seed: i,
    max_tokens: 1 + random.below(8),
    temperature: pick(0, 0.7, 1.3),
    ...pick<object>({}, {}, { n: 2 }, { best_of: 2, stream: false }, { top_k: 5 }, { logit_bias: { 11: 5 } }),
    ...pick<object>(
      {},
      {},
      { stop: ['a'] },
      { presence_penalty: 1 },
      { guided_regex: '[a-m ]+' },
      { min_p: 0.1 },
    ),
    ...pick<object>({}, { logprobs: 1 }, { echo: true, logprobs: 2 }, { prompt_logprobs: 1 }),
  }));
  const isStream = bodies.map((body) => !('best_of' in body) && random.below(2) === 0);
  const answerTo = async (body: object, stream: boolean) => {
    if (!stream) return (await ask(handler, COMPLETIONS, body)).body.choices;
    const events = await streamed(await handler.fetch(request(COMPLETIONS, { ...body, stream: true })));
    const pieces = events.flatMap(({ choices }) => choices);
    // Choices of several prompts come in no order.
    return pieces
      .map(({ index }) => index)
      .sort()
      .map((index) => pieces.filter((piece) => piece.index === index));
  };
  const crowd = await Promise.all(bodies.map((body, i) => answerTo(body, isStream[i]!)));
  for (const [i, body] of bodies.entries()) {
    assert.equal(crowd[i], await answerTo(body, isStream[i]!), JSON.stringify(body));
  }
  await handler.close();
});

test('chats at once are answered as each alone', async () => {
  const handler = createHandler({ models: { stories: model } });
  const tool = {
    type: 'function',
    function: { name: 'f', parameters: { enum: [1, 22, 333] } },
  };
  const bodies = Array.from({ length: 24 }, (_, i) => ({
    messages: [{ role: 'user', content: ['Hi', 'Tell me a story.', 'Who is Lily?'][i % 3]! }],
    seed: i,
    max_tokens: 6,
    ...(i % 4 === 1 && { logprobs: true, n: 2 }),
    ...(i % 4 === 2 && { response_format: { type: 'json_object' } }),
    ...(i % 4 === 3 && { tools: [tool], tool_choice: 'required' }),
  }));
  // Ids of calls are random.
  const said = ({ choices }: { choices: object[] }) =>
    JSON.stringify(choices).replaceAll(/call_[-\da-f]+/g, 'call');
  const answerTo = async (body: object, i: number) => {
    if (i % 2 > 0) return said((await ask(handler, CHAT, body)).body);
    const events = await streamed(await handler.fetch(request(CHAT, { ...body, stream: true })));
    return events.map(said).join();
  };
  const crowd = await Promise.all(bodies.map(answerTo));
  for (const [i, body] of bodies.entries())
    assert.is(crowd[i], await answerTo(body, i), JSON.stringify(body));
  await handler.close();
});

test.run();
