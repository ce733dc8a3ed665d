import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { freshSeed } from '../../support/property.js';
import { randomSource } from '../../support/random.js';
import { load } from './packages.js';
import type { Served } from './served.js';

const TEXT = 'Ein Bär 🦆 says “hi”.\n\ndata: [DONE]\r\n';

/** Tests of a parser of server-sent events that knows nothing of OpenAI. */
export async function eventSource({ ask, bytes }: Served): Promise<void> {
  const { createParser } = await load('eventsource-parser');

  /** The data of the events in `stream`, which comes in pieces of the given sizes. */
  const parsed = (stream: Uint8Array, size: () => number): string[] => {
    const data: string[] = [];
    const fail = (error: Error) => {
      throw error;
    };
    const parser = createParser({
      onEvent: (event: { data: string }) => data.push(event.data),
      ...{ onError: fail, onRetry: fail, onComment: fail },
    });
    const utf8 = new TextDecoder();
    for (let at = 0, end = 0; at < stream.length; at = end) {
      end = at + size();
      parser.feed(utf8.decode(stream.subarray(at, end), { stream: true }));
    }
    return data;
  };

  test('a stream is read wherever its bytes are cut', async () => {
    const asked = { prompt: [TEXT, 'Once'], max_tokens: 6, seed: 3, echo: true };
    const whole = await ask('/v1/completions', asked);
    const stream = await bytes('/v1/completions', { ...asked, stream: true });
    const random = randomSource(freshSeed('cuts of a stream'));
    const cuts = [() => stream.length, () => 1, ...Array(20).fill(() => 1 + random.below(40))];
    for (const size of cuts) {
      const events = parsed(stream, size);
      assert.is(events.pop(), '[DONE]');
      const pieces = events.flatMap((event) => JSON.parse(event).choices);
      for (const { index, text } of whole.choices) {
        const own = pieces.filter((piece) => piece.index === index);
        assert.is(own.map((piece) => piece.text).join(''), text);
      }
    }
  });
}
