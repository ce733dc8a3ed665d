import { ApiError, bodyTooLarge, incompleteBody } from './api_error.js';
import type { Exchange } from './exchange.js';

/** Room for the first bytes of a body: most are smaller. */
const FIRST_BYTES = 2 ** 12;

type Receiving = Pick<Exchange, 'awaited' | 'receive'>;

/**
 * The bytes of a request's body. Throws an ApiError if there are more than `most`, if the server holds too many of all
 * requests, and if they do not come whole.
 */
export async function readBody(
  request: Pick<Request, 'body' | 'blob'>,
  exchange: Receiving,
  most: number,
): Promise<Uint8Array> {
  const { body } = request;
  if (body === null) return new Uint8Array();
  // Requests of Firefox have no stream: a page that asks itself has the whole body in memory.
  const reader = (body ?? (await request.blob()).stream()).getReader();
  try {
    return await exchange.awaited(readAll(reader, exchange, most));
  } catch (error) {
    reader.cancel(error).catch(() => {});
    throw error instanceof ApiError ? error : incompleteBody(error);
  }
}

/** Copies the bytes as they come, so that many small chunks take no more memory than a large one. */
async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  exchange: Receiving,
  most: number,
): Promise<Uint8Array> {
  let bytes = new Uint8Array(FIRST_BYTES);
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes.subarray(0, length);
    const end = length + value.length;
    if (end > most) throw bodyTooLarge(most);
    exchange.receive(value.length);
    if (end > bytes.length) {
      const larger = new Uint8Array(Math.min(most, Math.max(end, 2 * bytes.length)));
      larger.set(bytes.subarray(0, length));
      bytes = larger;
    }
    bytes.set(value, length);
    length = end;
  }
}
