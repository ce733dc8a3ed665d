import { chunkOf, completionOf, parseRequest } from './completions.js';
import { Queue } from './queue.js';
import { RequestError } from './request_error.js';

const MAX_BODY_BYTES = 2 ** 20;
/** Most bytes of an answer that are kept for a slow client; beyond them the connection is closed. */
const MOST_UNREAD_BYTES = 2 ** 20;
/** Time after which a client that reads nothing of its answer is disconnected. */
const UNREAD_MS = 60_000;
/** Most requests that may wait; further ones get status 503. */
const MOST_WAITING = 64;

/** Answers requests with a model, one completion at a time, in the order in which they came. */
export function createApp(model, name) {
  const queue = new Queue(MOST_WAITING);
  return async (request, response) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    try {
      checkRoute(request);
      const { stream, prompt, options } = parseRequest(await readJson(request));
      const leave = await queue.enter(gone.signal);
      try {
        const tokens = model.stream(prompt, { ...options, signal: gone.signal });
        if (stream) await answerInPieces(response, tokens, name);
        else await answerAtOnce(response, tokens, name);
      } finally {
        leave();
      }
    } catch (error) {
      if (!gone.signal.aborted) answerError(response, error);
    }
  };
}

function checkRoute({ method, url }) {
  const { pathname } = new URL(url, 'http://localhost');
  if (pathname !== '/v1/completions') throw new RequestError(404, `there is no ${pathname}`);
  if (method !== 'POST') throw new RequestError(405, `${method} is not allowed; send a POST request`);
}

async function readJson(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > MAX_BODY_BYTES) {
      throw new RequestError(413, `the body has more than ${MAX_BODY_BYTES} bytes`);
    }
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString());
  } catch (error) {
    throw new RequestError(400, `the body is no JSON: ${error.message}`);
  }
}

async function answerAtOnce(response, tokens, name) {
  while (!(await tokens.next()).done);
  answer(response, 200, completionOf(await tokens.completion, name));
}

/** Server-sent events. The first token is awaited before the headers, so that a wrong request gets an error status. */
async function answerInPieces(response, tokens, name) {
  let step = await tokens.next();
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  // A slow client does not keep the model: what it has not read yet is buffered here, up to a limit.
  const send = (data) => {
    response.write(`data: ${data}\n\n`);
    if (response.writableLength > MOST_UNREAD_BYTES) {
      response.destroy();
      throw new RequestError(408, `the client has left ${MOST_UNREAD_BYTES} bytes unread`);
    }
  };
  response.setTimeout(UNREAD_MS, () => response.destroy());
  for (; !step.done; step = await tokens.next()) {
    const { index, text } = step.value;
    if (text !== '') send(JSON.stringify(chunkOf({ index, text }, name)));
  }
  const { choices } = await tokens.completion;
  for (const { index, finishReason } of choices) {
    send(JSON.stringify(chunkOf({ index, text: '', finishReason }, name)));
  }
  send('[DONE]');
  response.end();
}

const WRONG_REQUESTS = ['invalid-option', 'context-full'];

function answerError(response, error) {
  if (response.headersSent) {
    response.destroy(error);
    return;
  }
  const status = error.status ?? (WRONG_REQUESTS.includes(error.code) ? 400 : 500);
  const type = status < 500 ? 'invalid_request_error' : 'server_error';
  const { message, param = null, code = null } = error;
  if (status === 503) response.setHeader('retry-after', '5');
  // The rest of a body that was refused is not read.
  if (status === 413) response.setHeader('connection', 'close');
  answer(response, status, { error: { message, type, param, code } });
}

function answer(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
