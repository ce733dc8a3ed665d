import { onAbort } from '../../base/cancellation.js';
import { Gpt2Error } from '../../base/errors.js';
import { startTimer, stopTimer } from '../../base/timers.js';

/** How long a server may send nothing, before an answer and within it: the wait then counts as a broken connection. */
export const STALL_MS = 30_000;

/** The result of `work`, or a rejection after `ms` without one; `end` then ends what is under way. */
export async function withinTime<T>(work: Promise<T>, ms: number, end: () => void): Promise<T> {
  let timer: unknown;
  const late = new Promise<never>((_, reject) => {
    timer = startTimer(() => {
      const error = new Error(`the server sent nothing for ${ms / 1000} seconds`);
      reject(Object.assign(error, { code: 'ETIMEDOUT' }));
      end();
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    stopTimer(timer);
  }
}

interface NodeUtil {
  transferableAbortController?(): AbortController;
}

/**
 * The class whose signals `fetch` takes. Test runners put jsdom's in the place of the global one, and Node's `fetch`
 * refuses the signals of that; Node itself tells its own class only by an instance.
 */
function controllerClass(): typeof AbortController {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): NodeUtil | undefined } };
  try {
    const own = process?.getBuiltinModule?.('util')?.transferableAbortController?.();
    if (own !== undefined) return own.constructor as typeof AbortController;
  } catch {
    // A runtime that has Node's names alone.
  }
  return AbortController;
}

const Controller = controllerClass();

/** `fetch` whose answer must begin within `STALL_MS`. The signal may be of another realm or library. */
export async function fetchInTime(url: URL | string, { signal, ...init }: RequestInit): Promise<Response> {
  const controller = new Controller();
  const abort = () => controller.abort(signal?.reason);
  // It also ends the body, so that the listener stays.
  onAbort(signal ?? undefined, abort);
  if (signal?.aborted) abort();
  return withinTime(fetch(url, { ...init, signal: controller.signal }), STALL_MS, abort);
}

/** The pieces of an answer's body, each of which must come within `ms`. Whoever stops early ends the connection. */
export async function* bodyChunks(
  { body }: Response,
  ms = STALL_MS,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  if (body === null) return;
  const reader = body.getReader();
  const end = () => void reader.cancel().catch(() => {});
  try {
    for (;;) {
      const { done, value } = await withinTime(reader.read(), ms, end);
      if (done) return;
      yield value;
    }
  } finally {
    end();
  }
}

/**
 * A whole body of at most `most` bytes, which are counted as they come, decompressed: no answer fills the memory.
 * Throws `invalid-file` for more, and what the connection does.
 */
export async function readBody(response: Response, most: number, where: string): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of bodyChunks(response)) {
    length += chunk.length;
    if (length > most) {
      throw new Gpt2Error(
        'invalid-file',
        `${where} has more than ${most} bytes, the most that such a file may have`,
      );
    }
    parts.push(chunk);
  }
  return new Blob(parts, { type: response.headers.get('content-type') ?? '' });
}
