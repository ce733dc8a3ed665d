import type { Handler } from '../../src/server.js';
import { answerMustConform, eventMustConform, streamMustConform } from './conforming.js';

/** An answer to a request, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read fields of JSON.
  readonly body: any;
}

export const request = (path: string, body?: unknown, init: RequestInit = {}): Request =>
  new Request(`http://127.0.0.1${path}`, {
    ...(body !== undefined && {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    }),
    ...init,
  });

/**
 * Sends a body as JSON, or gets a path without one, and reads the answer as JSON. Throws if it is not what OpenAI's API
 * answers.
 */
export async function ask(
  { fetch }: Pick<Handler, 'fetch'>,
  path: string,
  body?: unknown,
  init?: RequestInit,
): Promise<Answer> {
  const response = await fetch(request(path, body, init));
  const { status, headers } = response;
  const answer = await response.json();
  answerMustConform(path, status, answer);
  return { status, headers, body: answer };
}

/**
 * The data of server-sent events, one after the other; each is computed when it is asked for. Throws if one is not what
 * OpenAI's API sends.
 */
export async function* eventsOf(response: Response): AsyncGenerator<string, void> {
  const reader = response.body!.getReader();
  const utf8 = new TextDecoder();
  let held = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      held += utf8.decode(value, { stream: true });
      const events = held.split('\n\n');
      held = events.pop()!;
      for (const event of events) {
        if (!event.startsWith('data: ')) throw new Error(`not an event of data: ${event}`);
        const data = event.slice('data: '.length);
        eventMustConform(data);
        yield data;
      }
    }
    if (held !== '') throw new Error(`the last event has no end: ${held}`);
  } finally {
    await reader.cancel();
  }
}

/** All events of a stream but `[DONE]`, which must be the last. */
// biome-ignore lint/suspicious/noExplicitAny: tests read fields of JSON.
export async function streamed(response: Response): Promise<any[]> {
  const events: string[] = [];
  for await (const event of eventsOf(response)) events.push(event);
  if (events.pop() !== '[DONE]') throw new Error(`the stream ends without [DONE]: ${events.at(-1)}`);
  const values = events.map((event) => JSON.parse(event));
  streamMustConform(values);
  return values;
}
