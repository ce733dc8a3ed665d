const BODIES = [
  ['/v1/completions', { prompt: 'Once upon a time', max_tokens: 24, seed: 2019, n: 2, logprobs: 3 }],
  ['/v1/completions', { prompt: ['Lily', 'Tom'], max_tokens: 24, temperature: 0.7, seed: 5, stream: true }],
  ['/v1/chat/completions', { messages: [{ role: 'user', content: 'Hello!' }], max_tokens: 16, seed: 3 }],
];

/** The bytes of a completion, of a stream and of an answer in a chat, without ids and times, which differ each time. */
export async function answersOf(ask) {
  let answers = '';
  for (const [path, body] of BODIES) {
    const response = await ask(path, { method: 'POST', body: JSON.stringify(body) });
    // Bun's own `Response.json` adds a charset.
    const [type] = response.headers.get('content-type').split(';');
    answers += `${response.status} ${type}\n${await response.text()}\n`;
  }
  return answers.replace(/"id":"[^"]*"/g, '"id":""').replace(/"created":\d+/g, '"created":0');
}
