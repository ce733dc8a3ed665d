/** An answer of a server. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A fault in the answer to a request; fields that are no such values do nothing. */
export interface Lie {
  /** Requests that get it: their number, or a part of their address; default all. */
  readonly to?: unknown;
  readonly status?: unknown;
  /** Headers in place of the true ones; null takes one away. */
  readonly headers?: unknown;
  /** The body: a text, or how many bytes of the true one are cut (or, if negative, are too many). */
  readonly body?: unknown;
  readonly cut?: unknown;
  /** How the body ends: `break` or `stall`. */
  readonly end?: unknown;
  /** The address to which redirections have led. */
  readonly url?: unknown;
}

const CHUNK = 4096;
/** A server that gives a few bytes to each request would be asked as often as its file has bytes. */
const MOST_REQUESTS = 60;

/** A `fetch` whose answers are those of `honest` but for the first of `lies` that is told to a request. */
export function lyingFetch(
  honest: (url: URL, init: RequestInit) => Answer,
  lies: readonly Lie[],
): typeof fetch {
  let requests = 0;
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const number = requests++;
    if (number > MOST_REQUESTS) return new Response(null, { status: 404 });
    const isTold = ({ to }: Lie) =>
      to === undefined || to === number || (typeof to === 'string' && url.href.includes(to));
    const lie = lies.find((each) => typeof each === 'object' && each !== null && isTold(each)) ?? {};
    return answered(honest(url, init), lie, init.signal ?? undefined);
  };
}

function answered(answer: Answer, lie: Lie, signal: AbortSignal | undefined): Response {
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(Object(lie.headers ?? {}))) {
    try {
      if (value === null) headers.delete(name);
      else headers.set(name, String(value));
    } catch {
      // No server can send it.
    }
  }
  const { cut = 0 } = lie;
  let body = answer.body;
  if (typeof lie.body === 'string') body = new TextEncoder().encode(lie.body);
  else if (typeof cut === 'number' && cut > 0) body = body.subarray(0, Math.max(0, body.length - cut));
  else if (typeof cut === 'number' && cut < 0)
    body = new Uint8Array([...body, ...new Uint8Array(Math.min(5000, -cut))]);
  const { status = answer.status } = lie;
  const isStatus = typeof status === 'number' && status >= 200 && status < 600;
  const code = isStatus ? Math.floor(status) : answer.status;
  const isEmpty = [204, 205, 304].includes(code);
  const response = new Response(isEmpty ? null : streamOf(body, lie.end, signal), { status: code, headers });
  if (typeof lie.url !== 'string') return response;
  return Object.defineProperties(response, { url: { value: lie.url }, redirected: { value: true } });
}

function streamOf(body: Uint8Array, end: unknown, signal: AbortSignal | undefined): ReadableStream {
  let at = 0;
  return new ReadableStream({
    start: (controller) => signal?.addEventListener('abort', () => controller.error(signal.reason)),
    pull(controller) {
      if (at < body.length) {
        controller.enqueue(new Uint8Array(body.subarray(at, at + CHUNK)));
        at += CHUNK;
      } else if (end === 'break') {
        controller.error(Object.assign(new TypeError('terminated'), { cause: { code: 'UND_ERR_SOCKET' } }));
      } else if (end === 'stall') return new Promise(() => {});
      else controller.close();
      return undefined;
    },
  });
}
