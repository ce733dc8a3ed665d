import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { send } from '../serving/client.mjs';
import { foldedOf, isBeginning, wholeOf } from './answers.mjs';

/** Mean milliseconds that a client thinks between two requests. */
const THINK_MS = 500;

const pickOf = (list, random) => list[Math.floor(random.next() * list.length)];
const asStream = ({ path, body }) => ({ path, body: { ...body, stream: true } });

function compare({ wrong }, what, { body }, actual, expected) {
  if (!isDeepStrictEqual(actual, expected)) {
    wrong(
      `${what}: ${JSON.stringify(body)} was answered ${JSON.stringify(actual)}, alone ${JSON.stringify(expected)}`,
    );
  }
}

async function whole(context) {
  const request = pickOf(context.good, context.random);
  const { status, body } = await send(context.url, request);
  if (status !== 200) throw new Error(`status ${status}: ${body}`);
  compare(context, 'whole', request, wholeOf(JSON.parse(body)), request.alone);
}

async function readStream(context, reading) {
  const request = pickOf(
    context.good.filter(({ canStream }) => canStream),
    context.random,
  );
  const answer = await send(context.url, asStream(request), reading);
  if (answer.status !== 200) throw new Error(`status ${answer.status}: ${answer.body}`);
  return { request, answer };
}

async function streamed(context, reading = {}) {
  const { request, answer } = await readStream(context, reading);
  if (!answer.isComplete) throw new Error('the stream ended without [DONE]');
  compare(context, 'stream', request, foldedOf(answer.events), request.alone);
}

/** Waits after each piece. */
const slow = (context) => streamed(context, { pause: () => 20 + context.random.next() * 300 });

async function leavesStream(context) {
  const most = 1 + Math.floor(context.random.next() * 20);
  const { request, answer } = await readStream(context, { leave: ({ length }) => length >= most });
  if (!isBeginning(foldedOf(answer.events), request.alone))
    context.wrong(`left stream: ${JSON.stringify(request.body)}`);
}

async function leavesEarly(context) {
  const request = pickOf(context.good, context.random);
  await send(context.url, request, { signal: AbortSignal.timeout(Math.ceil(context.random.next() * 200)) });
}

async function refused(context) {
  const request = pickOf(context.bad, context.random);
  const answer = await send(context.url, request);
  const message = JSON.parse(answer.body).error?.message;
  if (answer.status !== request.status || typeof message !== 'string' || message === '') {
    context.wrong(`${JSON.stringify(request).slice(0, 300)} was answered ${answer.status} ${answer.body}`);
  }
}

const BROKEN = [
  'GET\r\n\r\n',
  'POST /v1/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"prompt"',
  'POST /v1/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  '\0\0\0\0',
];

/** Sends what is no HTTP, or half of a request, and leaves. */
async function broken({ url, random }) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.resume();
  socket.write(pickOf(BROKEN, random));
  await sleep(300);
  socket.destroy();
}

/** The kinds of clients, each with its weight. `context`: url, random, good, bad, wrong(message). */
const ACTS = [
  [40, whole],
  [30, streamed],
  [10, slow],
  [8, leavesStream],
  [4, leavesEarly],
  [7, refused],
  [1, broken],
];
const SUM = ACTS.reduce((sum, [share]) => sum + share, 0);

/** Lets a client do one thing, and gives its name. */
export async function clientAct(context) {
  const act = actAt(context.random.next() * SUM);
  try {
    await act(context);
  } catch (error) {
    context.wrong(`${act.name}: ${error.message}`);
  }
  return act.name;
}

/** Lets a client send one request after the other until `isOver`, and counts what it did. */
export async function runClient(context, isOver) {
  const { random, counts } = context;
  while (!isOver()) {
    await sleep(-Math.log(1 - random.next()) * THINK_MS);
    const name = await clientAct(context);
    counts[name] = (counts[name] ?? 0) + 1;
  }
}

function actAt(place) {
  let sum = 0;
  for (const [share, act] of ACTS) {
    sum += share;
    if (place < sum) return act;
  }
}
