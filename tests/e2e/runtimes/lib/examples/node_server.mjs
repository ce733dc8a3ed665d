import { eventData, startServer, textOfNode } from './projects.mjs';

const PROMPT = 'Once upon a time';
const BODY = { prompt: PROMPT, max_tokens: 60, temperature: 0.8, seed: 11 };

export async function testNodeServer(report) {
  const options = { maxTokens: 60, temperature: 0.8, topP: 1, seed: 11 };
  const wanted = await textOfNode(undefined, { weights: 'q8' }, PROMPT, options);
  const { url, stop } = await startServer('node-server', 'server.js');
  try {
    const ask = (body) => fetch(url, { method: 'POST', body: JSON.stringify(body) });
    const { choices } = await (await ask(BODY)).json();
    report('node-server', 'at once', { got: choices[0].text, wanted });
    const streamed = eventData(await (await ask({ ...BODY, stream: true })).text());
    const last = streamed.pop();
    if (last !== '[DONE]') throw new Error(`the stream ends with ${last}`);
    const got = streamed.map((data) => JSON.parse(data).choices[0].text).join('');
    report('node-server', 'streamed', { got, wanted });
  } finally {
    await stop();
  }
}
