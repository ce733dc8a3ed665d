import { createHandler } from '../../../src/server.js';
import { answerMustConform, streamMustConform } from '../../support/conforming.js';
import { eventsOf } from '../../support/serving.js';
import { small } from '../small.js';
import { type Target, text, textOf } from '../target.js';

const errors: unknown[] = [];
const limits = { tokens: 4, prompts: 2, inputs: 2 };
const handler = createHandler({ models: { tiny: small }, limits, onError: (error) => errors.push(error) });

const BODIES = [
  [
    '/v1/completions',
    '{"model":"tiny","prompt":"Once","max_tokens":2,"n":1,"logprobs":2,"stop":["x"],"seed":3}',
  ],
  [
    '/v1/chat/completions',
    '{"model":"tiny","messages":[{"role":"user","content":"Hi"}],"max_tokens":2,"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"boolean"}}}}',
  ],
  [
    '/v1/completions',
    '{"model":"tiny","prompt":[1,2,3],"max_tokens":2,"stream":true,"stream_options":{"include_usage":true},"logit_bias":{"5":2}}',
  ],
  ['/v1/embeddings', '{"model":"tiny","input":["a","b"],"encoding_format":"base64"}'],
  ['/v1/moderations', '{"input":"a text"}'],
  ['/v1/classify', '{"model":"tiny","input":"a text"}'],
  ['/tokenize', '{"content":"a text","with_pieces":true}'],
];

/** Requests as JSON, `{ path, body }`; another text is a body. */
export const REQUESTS: Target = {
  ...{ name: 'requests', kind: 'json' },
  words: [
    'model',
    'messages',
    'role',
    'tool',
    'tools',
    'content',
    'stream',
    'logprobs',
    'top_logprobs',
    'prompt',
    'suffix',
    'echo',
    'best_of',
    'tool_choice',
    'function',
    'refusal',
    'system',
    'developer',
  ],
  seeds: () => BODIES.map(([path, body]) => text(`{"path":"${path}","body":${body}}`)),
  async read(input): Promise<void> {
    const shown = textOf(input);
    let path = '/v1/completions';
    let body = shown;
    try {
      const given = JSON.parse(shown) as { path?: unknown; body?: unknown } | null;
      if (typeof given?.path === 'string') path = given.path;
      if (given?.body !== undefined) body = JSON.stringify(given.body);
    } catch {
      // The input itself is the body.
    }
    let request: Request;
    try {
      request = new Request(new URL(path, 'http://127.0.0.1'), { method: 'POST', body });
    } catch {
      return;
    }
    const response = await handler.fetch(request);
    if (response.headers.get('content-type')?.startsWith('text/event-stream')) return streamMustEnd(response);
    const answer = await response.text();
    const isJson = response.headers.get('content-type')?.includes('application/json') ?? false;
    if (isJson && path.startsWith('/v1/')) answerMustConform(path, response.status, JSON.parse(answer));
    if (response.status >= 500 && response.status !== 503)
      throw new Error(`${response.status}: ${answer.slice(0, 500)}`);
    if (errors.length > 0) throw errors.pop();
  },
};

/** Reads the events of a stream, which must make one answer, or end with an error of the model or the format. */
async function streamMustEnd(response: Response): Promise<void> {
  const events: string[] = [];
  for await (const event of eventsOf(response)) events.push(event);
  if (errors.length > 0) throw errors.pop();
  const last = events.pop() ?? '';
  if (last === '[DONE]') streamMustConform(events.map((event) => JSON.parse(event)));
  else if (!last.startsWith('{"error":')) throw new Error(`the stream ends with ${last.slice(0, 500)}`);
}
