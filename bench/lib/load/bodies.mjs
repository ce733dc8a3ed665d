import { RandomStream } from '../../../build/js/src/base/random.js';
import { storyWords } from '../serving/texts.mjs';

const COUNT = 120;

/** Good requests of all kinds, each with a seed; `canStream` if there may be a stream of the same answer. */
export function goodRequests() {
  const random = new RandomStream(7, 0);
  const words = storyWords(random);
  const below = (count) => Math.floor(random.next() * count);
  const pick = (...values) => values[below(values.length)];
  const sampling = (seed) => ({
    ...{ seed, max_tokens: 1 + below(40), temperature: pick(0, 0.7, 1, 1.3) },
    ...pick({}, {}, { top_p: 0.9 }, { top_k: 5 }, { min_p: 0.05 }, { logit_bias: { 11: 5 } }),
    ...pick({}, {}, { presence_penalty: 1 }, { repetition_penalty: 1.2 }, { stop: ['the', '.'] }),
  });
  const completion = (seed) => {
    const bestOf = pick(false, false, false, true) && { n: 2, best_of: 3 };
    const body = {
      prompt: pick(words(1 + below(60)), words(5), [words(4), words(9)], ''),
      ...sampling(seed),
      ...pick({}, {}, { logprobs: 2 }, { echo: true, logprobs: 1 }, { guided_regex: '[a-m ]+' }, { n: 3 }),
      ...bestOf,
    };
    return { path: '/v1/completions', body, canStream: !bestOf };
  };
  const chat = (seed) => {
    const messages = [
      ...pick([], [{ role: 'system', content: words(30) }]),
      { role: 'user', content: words(1 + below(30)) },
    ];
    const tool = { type: 'function', function: { name: 'f', parameters: { enum: [1, 22, 333] } } };
    const form = pick(
      {},
      {},
      { logprobs: true, top_logprobs: 2 },
      { tools: [tool], tool_choice: 'required' },
    );
    return { path: '/v1/chat/completions', body: { messages, ...sampling(seed), ...form }, canStream: true };
  };
  const other = () =>
    pick(
      { path: '/v1/score', body: { text: words(40), logprobs: 1 } },
      { path: '/v1/embeddings', body: { input: [words(20), words(5)] } },
      { path: '/tokenize', body: { prompt: words(100) } },
    );
  return Array.from({ length: COUNT }, (_, i) =>
    pick(completion, completion, completion, chat, chat, other)(i),
  );
}

/** Requests that are refused, with the status of the answer. */
export function badRequests() {
  const path = '/v1/completions';
  const good = { prompt: 'Once', max_tokens: 2 };
  return [
    { path, body: '{"prompt": "Once', status: 400 },
    { path, body: '[]', status: 400 },
    { path, body: { ...good, prompt: 5 }, status: 400 },
    { path, body: { ...good, max_token: 5 }, status: 400 },
    { path, body: { ...good, temperature: -1 }, status: 400 },
    { path, body: { ...good, n: 2, best_of: 1 }, status: 400 },
    { path, body: { ...good, guided_regex: '(' }, status: 400 },
    { path, body: { ...good, prompt: 'one two '.repeat(5000) }, status: 400 },
    { path, body: { prompt: ['a', 'b', 'c'], max_tokens: 1e9, n: 128 }, status: 400 },
    { path, body: { ...good, model: 'none' }, status: 404 },
    { path, body: 'x'.repeat(3e6), status: 413 },
    { path, status: 405 },
    { path: '/v1/chat/completions', body: { messages: [] }, status: 400 },
    { path: '/v1/chat/completions', body: { messages: [{ role: 'king', content: 'Hi' }] }, status: 400 },
    { path: '/v2/completions', body: good, status: 404 },
    { path: '/%E0%A4%A', status: 404 },
  ];
}
