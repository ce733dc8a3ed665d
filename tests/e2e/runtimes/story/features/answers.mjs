const SCHEMA = {
  type: 'object',
  properties: { name: { type: 'string', maxLength: 12 }, age: { type: 'integer', maximum: 99 } },
  required: ['name', 'age'],
  additionalProperties: false,
};

/** Requests of all kinds. */
function requestsOf(draw) {
  const messages = [{ role: 'user', content: draw.prompt() }];
  const format = { type: 'json_schema', json_schema: { name: 'person', strict: true, schema: SCHEMA } };
  const seed = () => draw.seed();
  return [
    ['completions', { prompt: draw.prompt(), max_tokens: 24, seed: seed(), n: 2, logprobs: 3 }],
    ['completions', { prompt: draw.prompt(), max_tokens: 8, seed: seed(), echo: true, logprobs: 1 }],
    [
      'completions',
      { prompt: ['Lily', draw.prompt()], max_tokens: 24, temperature: 0.7, seed: seed(), stream: true },
    ],
    ['chat/completions', { messages, max_tokens: 16, seed: seed(), logprobs: true, top_logprobs: 2 }],
    ['chat/completions', { messages, max_tokens: 16, seed: seed(), stream: true }],
    ['chat/completions', { messages, max_tokens: 48, seed: seed(), response_format: format }],
    ['embeddings', { input: [draw.prompt(), draw.prompt()] }],
    ['score', { input: draw.text(3) }],
    ['completions', { prompt: draw.prompt(), temperature: -1 }],
  ];
}

/** The bytes of answers without ids and times, which differ each time. `ask` is called as `fetch`, with a path. */
export async function answersOf(ask, draw) {
  const answers = await Promise.all(
    requestsOf(draw).map(async ([route, body]) => {
      const response = await ask(`/v1/${route}`, { method: 'POST', body: JSON.stringify(body) });
      // Bun's own `Response.json` adds a charset.
      const [type] = response.headers.get('content-type').split(';');
      const text = type === 'text/event-stream' ? byChoice(await response.text()) : await response.text();
      return `${route} ${response.status} ${type}\n${text}`;
    }),
  );
  const all = answers.join('\n');
  if (!all.includes('[DONE]')) throw new Error(`no stream was answered to its end: ${all}`);
  return all.replace(/"id":"[^"]*"/g, '"id":""').replace(/"created":\d+/g, '"created":0');
}

/** The events of a stream, choice by choice: which of two choices has its next event first depends on the clock. */
function byChoice(stream) {
  const events = stream
    .split('\n\n')
    .map((event) => ({ event, index: Number(/"index":(\d+)/.exec(event)?.[1] ?? -1) }));
  const [told, others] = [events.filter(({ index }) => index >= 0), events.filter(({ index }) => index < 0)];
  told.sort((a, b) => a.index - b.index);
  return [...told, ...others].map(({ event }) => event).join('\n\n');
}

/** Answers of a server's handler; it takes no model of a worker. */
export async function answers({ model, draw, createHandler, isRemote }) {
  if (isRemote || createHandler === undefined) return undefined;
  const handler = createHandler({ models: { stories: model } });
  return answersOf((path, init) => handler.fetch(new Request(`http://localhost${path}`, init)), draw);
}
