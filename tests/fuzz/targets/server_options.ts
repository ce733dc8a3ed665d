import { createHandler } from '../../../src/server.js';
import { callsTarget } from '../calls.js';
import { small } from '../small.js';

const ORIGIN = 'http://127.0.0.1';
/** The JSON of a body; that of a bigint is a text, and cycles have none. */
function jsonOf(body: unknown): string {
  try {
    return JSON.stringify(body, (_, value) => (typeof value === 'bigint' ? String(value) : value)) ?? '';
  } catch {
    return '';
  }
}

/** Options of `createHandler`, and a request to what they make. */
export const SERVER_OPTIONS = callsTarget('server-options', {
  createHandler: [
    async (options, path, body) => {
      const models = { tiny: small };
      const given = typeof options === 'object' && options !== null ? { ...options, models } : options;
      const handler = createHandler(given as never);
      const shortened = typeof path === 'string' ? path.slice(0, 100) : '/';
      const response = await handler.fetch(
        new Request(new URL(URL.canParse(shortened, ORIGIN) ? shortened : '/', ORIGIN), {
          method: 'POST',
          body: jsonOf(body),
          headers: { host: '127.0.0.1', authorization: 'Bearer a' },
        }),
      );
      await response.text();
    },
    {
      ...{
        maxMemory: 1e9,
        apiKey: 'a',
        origins: ['http://a.example'],
        logRequests: true,
        chatTime: '@function',
      },
      limits: {
        bodyBytes: 1000,
        prompts: 2,
        inputs: 2,
        tokens: 4,
        requests: 2,
        streams: 2,
        users: 1,
        unreadMs: 10,
      },
    },
    '/v1/completions',
    { model: 'tiny', prompt: 'A', max_tokens: 1 },
  ],
});
