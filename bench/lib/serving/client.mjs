import { Agent, request as httpRequest } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
const DATA = 'data: ';
const DONE = '[DONE]';

/**
 * Sends a request ({ path, body, method, headers }; a body that is no string as JSON) and reads the answer. Resolves to its
 * status and `body` as text, or for a stream `events`, the values of its events, with the times at which they came
 * (`performance.now`), and whether it `isComplete`.
 *
 * `reading` says how: `pause()` gives the milliseconds to wait after each piece of the answer, `leave(events)` says whether
 * the client leaves now, `signal` ends it from outside. A client that leaves gets what came so far. Rejects if the connection fails.
 */
export async function send(url, request, reading = {}) {
  try {
    return await sendOnce(url, request, reading);
  } catch (error) {
    if (!error.isStale) throw error;
    return sendOnce(url, request, reading);
  }
}

function sendOnce(url, { path, body, method = body === undefined ? 'GET' : 'POST', headers }, reading) {
  const { pause, leave, signal } = reading;
  const answer = { status: undefined, body: '', events: [], times: [], isComplete: false };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url + path, {
      ...{ agent, method },
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    });
    let hasLeft = false;
    const go = () => {
      hasLeft = true;
      outgoing.destroy();
      resolve(answer);
    };
    if (signal?.aborted) return go();
    signal?.addEventListener('abort', go, { once: true });
    outgoing.on('close', () => signal?.removeEventListener('abort', go));
    outgoing.on('error', (error) => {
      // The server closed the connection while this was sent on it.
      error.isStale = outgoing.reusedSocket && answer.status === undefined && error.code === 'ECONNRESET';
      if (!hasLeft) reject(error);
    });
    outgoing.on('response', (incoming) => {
      answer.status = incoming.statusCode;
      const isStream = incoming.headers['content-type']?.startsWith('text/event-stream') ?? false;
      incoming.setEncoding('utf8');
      incoming.on('data', (text) => {
        if (hasLeft) return;
        answer.body += text;
        if (isStream) takeEvents(answer);
        if (leave?.(answer.events)) return go();
        const ms = pause?.() ?? 0;
        if (ms === 0) return;
        incoming.pause();
        setTimeout(() => incoming.resume(), ms);
      });
      incoming.on('error', (error) => hasLeft || reject(error));
      incoming.on('end', () => {
        if (!isStream) answer.isComplete = true;
        resolve(answer);
      });
      if (leave?.(answer.events)) go();
    });
    outgoing.end(typeof body === 'object' ? JSON.stringify(body) : body);
  });
}

/** Moves whole events from `body` to `events`. */
function takeEvents(answer) {
  const parts = answer.body.split('\n\n');
  answer.body = parts.pop();
  const now = performance.now();
  for (const part of parts) {
    if (!part.startsWith(DATA)) throw new Error(`not an event of data: ${part}`);
    const data = part.slice(DATA.length);
    if (data === DONE) answer.isComplete = true;
    else {
      answer.events.push(JSON.parse(data));
      answer.times.push(now);
    }
  }
}

/** Sends a request for JSON. Rejects unless the answer is good. */
export async function sendJson(url, path, body) {
  const answer = await send(url, { path, body });
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.body}`);
  return JSON.parse(answer.body);
}

/** Closes connections that are open for further requests. */
export const closeConnections = () => agent.destroy();

/** The text of an event of a completion's or a chat's stream; '' if it has none. */
export function textOf({ choices: [choice] = [] }) {
  return choice?.text ?? choice?.delta?.content ?? '';
}
