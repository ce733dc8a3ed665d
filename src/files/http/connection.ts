import { onAbort } from '../../base/cancellation.js';
import { Gpt2Error } from '../../base/errors.js';
import { startTimer, stopTimer } from '../../base/timers.js';

/** Longest silence of a server before and within a response; the connection then counts as broken. */
const STALL_MS = 30_000;

/**
 * The result of `work`; rejects if there is none after `STALL_MS`, and calls `end`, which must close the
 * connection.
 */
async function inTime<T>(work: Promise<T>, end: () => void): Promise<T> {
  let timer: unknown;
  const late = new Promise<never>((_, reject) => {
    timer = startTimer(() => {
      const error = new Error(`the server sent nothing for ${STALL_MS / 1000} seconds`);
      reject(Object.assign(error, { code: 'ETIMEDOUT' }));
      end();
    }, STALL_MS);
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
 * The class of AbortController whose signals `fetch` accepts. Test runners replace the global class by that
 * of jsdom, whose signals Node's `fetch` refuses; Node gives its own class only by way of an instance.
 */
function controllerClass(): typeof AbortController {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): NodeUtil | undefined } };
  try {
    const own = process?.getBuiltinModule?.('util')?.transferableAbortController?.();
    if (own !== undefined) return own.constructor as typeof AbortController;
  } catch {
    // A runtime with Node's names and another behaviour.
  }
  return AbortController;
}

const Controller = controllerClass();

/** `fetch`, whose response must begin within `STALL_MS`. The signal may be of another realm or library. */
export async function fetchInTime(
  url: URL | string,
  init: RequestInit,
  signal?: AbortSignal,
): Promise<Response> {
  const controller = new Controller();
  const abort = () => controller.abort(signal?.reason);
  // The listener stays, because the signal ends the body too.
  onAbort(signal, abort);
  if (signal?.aborted) abort();
  return inTime(fetch(url, { ...init, signal: controller.signal }), abort);
}

/** The chunks of a body, each of which must come within `STALL_MS`. Returning early closes the connection. */
export async function* bodyChunks({ body }: Response): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  if (body === null) return;
  const reader = body.getReader();
  const end = () => void reader.cancel().catch(() => {});
  try {
    for (;;) {
      const { done, value } = await inTime(reader.read(), end);
      if (done) return;
      yield value;
    }
  } finally {
    end();
  }
}

/**
 * A whole body of at most `most` bytes. They are counted after decompression as they arrive, so that neither
 * an endless body nor a compressed one of a few bytes fills the memory. Throws `invalid-file` for a longer
 * body, and the errors of the connection. `name` is what messages call the file.
 */
export async function readBody(response: Response, most: number, name: string): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of bodyChunks(response)) {
    length += chunk.length;
    if (length > most) {
      throw new Gpt2Error(
        'invalid-file',
        `${name} has more than ${most} bytes, the most that such a file may have`,
      );
    }
    parts.push(chunk);
  }
  return new Blob(parts, { type: response.headers.get('content-type') ?? '' });
}

/** Why `fetch` or the reading of a body failed. */
export function failureReason(error: unknown): string | undefined {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message || (cause as { code?: string }).code : message;
}
