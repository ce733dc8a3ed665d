import { embeddedModel, loadModel } from '../../../src/index.js';
import { ApiError } from '../../../src/server/api_error.js';
import { createHandler } from '../../../src/server.js';
import { failingStreams } from '../../support/failing_stream.js';
import { listening } from '../../support/listening.js';
import { type Answer, ask, request } from '../../support/serving.js';
import { until } from '../../support/until.js';

/** A server that clients are pointed at, and what it answers when it is asked without them. */
export interface Served {
  readonly baseURL: string;
  /** The bytes of an answer. */
  bytes(path: string, body: object): Promise<Uint8Array>;
  /** The JSON of an answer. */
  ask(path: string, body: object): Promise<Answer['body']>;
  /** Refuses the next requests, as a busy server does. */
  refuse(requests: number): void;
  /** Waits until /metrics says that nothing computes and no stream is open. */
  isIdle(): Promise<void>;
  close(): Promise<void>;
}

/** Serves the embedded model as `stories`, and as `failing`, whose streams fail after their first token. */
export async function serveStories(): Promise<Served> {
  const model = await loadModel(embeddedModel, { build: 'simd' });
  const failing = failingStreams(model, new Error('no space'));
  const handler = createHandler({ models: { stories: model, failing } });
  let refusals = 0;
  const { baseURL, close } = await listening(async (request) =>
    refusals-- > 0 ? new ApiError(503, 'busy', { retryAfter: 0.01 }).toResponse() : handler.fetch(request),
  );
  return {
    baseURL,
    async ask(path, body) {
      return (await ask(handler, path, body)).body;
    },
    async bytes(path, body) {
      return new Uint8Array(await (await handler.fetch(request(path, body))).arrayBuffer());
    },
    refuse(requests) {
      refusals = requests;
    },
    isIdle: () =>
      until(async () => {
        const metrics = await (await handler.fetch(request('/metrics'))).text();
        return ['requests_computing', 'streams_open'].every((name) =>
          metrics.includes(`\ngpt2_wasm_${name} 0\n`),
        );
      }),
    async close() {
      await handler.close();
      close();
      model.dispose();
    },
  };
}
