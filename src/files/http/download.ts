import { Gpt2Error } from '../../base/errors.js';
import { bodyChunks, fetchInTime } from './connection.js';
import { discard, firstByte, isBusy, retryAfter } from './response.js';
import { Retries, type RetryRules } from './retries.js';

/**
 * The first response of a server that is not busy, whatever its status. Retried if the server is busy (408,
 * 429, 5xx), honouring Retry-After, or the connection breaks. Throws the errors of `rules` and `aborted`.
 */
export async function fetchResponse(
  url: URL | string,
  init: RequestInit,
  rules: RetryRules,
): Promise<Response> {
  const retries = new Retries(rules);
  for (;;) {
    let failure: Gpt2Error;
    let wait: number | undefined;
    try {
      const response = await fetchInTime(url, init, rules.signal);
      if (!isBusy(response)) return response;
      await discard(response);
      failure = rules.refused(response);
      wait = retryAfter(response);
    } catch (error) {
      failure = rules.broken(error);
    }
    await retries.failed(failure, wait);
  }
}

/**
 * The result of `read` for a response; `undefined` if `request` gives none. Requests and reads again if the
 * connection breaks. Throws as `request` and `read`, and the errors of `rules`.
 */
export async function readResponse<T>(
  rules: RetryRules,
  request: () => Promise<Response | undefined>,
  read: (response: Response) => Promise<T>,
): Promise<T | undefined> {
  const retries = new Retries(rules);
  for (;;) {
    const response = await request();
    if (response === undefined) return undefined;
    try {
      return await read(response);
    } catch (error) {
      if (error instanceof Gpt2Error) throw error;
      await retries.failed(rules.broken(error));
    }
  }
}

/**
 * The bytes `start` to `end` of a file in order. A connection that breaks is replaced by another, as long as
 * each brings some bytes. `request` gives a response with the bytes from a position on, or from an earlier
 * byte on if the server knows no ranges: bytes that came before are skipped. It throws if the file has
 * changed.
 *
 * `incomplete` makes the error for a response that lacks bytes. `onExcess` is called if there are bytes after
 * `end`; without it they are not read. Throws as these functions, and the errors of `rules`.
 */
export async function* downloadBytes(
  rules: RetryRules,
  start: number,
  end: number,
  request: (position: number) => Promise<Response>,
  incomplete: (problem: string) => Gpt2Error,
  onExcess?: () => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const retries = new Retries(rules);
  let position = start;
  while (position < end) {
    const response = await request(position);
    let at = firstByte(response, position);
    let failure: Gpt2Error | undefined;
    try {
      for await (const bytes of bodyChunks(response)) {
        if (at > position) break;
        const chunk = bytes.subarray(Math.max(0, position - at), end - at);
        at += bytes.length;
        if (at > end) onExcess?.();
        if (chunk.length > 0) {
          position = at;
          retries.succeeded();
          yield chunk;
        }
        if (position >= end && !onExcess) break;
      }
    } catch (error) {
      if (error instanceof Gpt2Error) throw error;
      failure = rules.broken(error);
    }
    if (position < end) {
      const problem =
        at > position ? `came from byte ${at} on, not ${position}` : `ended at byte ${position} of ${end}`;
      await retries.failed(failure ?? incomplete(problem));
    }
  }
}
