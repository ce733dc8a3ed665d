import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile, poissonTimes, queueOf } from './arithmetic.mjs';
import { send, textOf } from './client.mjs';
import { healthOf } from './health.mjs';
import { requestMaker } from './mix.mjs';

/** The goal: the 95th percentile of the time to the first token. */
export const MOST_FIRST_MS = 200;
/** Answers that are in progress at the end of a window have so long to end. */
const DRAIN_MS = 10_000;
/** Arrivals are the same at all rates, but for their distances. */
const ARRIVALS_SEED = 1;

/**
 * Sends the requests of the mix at Poisson times for some seconds, never waiting for answers, and returns the figures of
 * the window. Times count from the moment at which a request was due.
 */
export async function measureWindow(server, health, { rate, seconds, window }) {
  const requestOf = requestMaker(window);
  await health.take();
  const before = server.usage();
  const begin = performance.now();
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  const drained = setTimeout(() => ending.abort(), 1000 * seconds + DRAIN_MS);
  const answers = poissonTimes(rate, seconds, ARRIVALS_SEED).map((at, number) =>
    recorded(server.url, requestOf(number), begin + 1000 * at, ending.signal),
  );
  await sleep(1000 * seconds);
  const probed = healthOf(await health.take());
  const after = server.usage();
  const records = await Promise.all(answers);
  clearTimeout(drained);
  await server.idle();
  const figures = figuresOf(records, begin, seconds);
  const processor = after && (after.seconds - before.seconds) / seconds;
  return {
    rate,
    ...figures,
    health: probed,
    processor,
    megabytes: after?.megabytes,
    peakMegabytes: after?.peakMegabytes,
  };
}

/** Sends a request when it is due: when it came, its tokens' times, and why it failed if it did. */
async function recorded(url, request, due, signal) {
  await sleep(Math.max(0, due - performance.now()));
  const record = { due, times: [], end: Number.POSITIVE_INFINITY, failure: undefined };
  try {
    const { status, events, times, isComplete } = await send(url, request, { signal });
    record.times = times.filter((_, i) => textOf(events[i]) !== '');
    if (isComplete) record.end = performance.now();
    else if (status === 200 || status === undefined) record.failure = 'not answered in time';
    else record.failure = `status ${status}`;
  } catch (error) {
    record.failure = error.message;
  }
  return record;
}

/** The figures of a window's answers, and why the rate is not held if it is not. */
export function figuresOf(records, begin, seconds) {
  const first = records.map(({ due, times: [first = Number.POSITIVE_INFINITY] }) => first - due);
  const between = records.flatMap(({ times }) => times.slice(1).map((time, i) => time - times[i]));
  const isWithin = (time) => time <= begin + 1000 * seconds;
  const tokens = records.reduce((sum, { times }) => sum + times.filter(isWithin).length, 0);
  const spans = records.map(({ due, end }) => ({ start: (due - begin) / 1000, end: (end - begin) / 1000 }));
  const queue = queueOf(spans, seconds);
  const failures = records.map(({ failure }) => failure).filter((failure) => failure !== undefined);
  const of = (values, ...shares) => shares.map((share) => percentile(values, share));
  const [firstP50, firstP95, firstP99] = of(first, 0.5, 0.95, 0.99);
  const [betweenP50, betweenP95] = of(between, 0.5, 0.95);
  const missed = [
    ...(firstP95 < MOST_FIRST_MS ? [] : ['first token']),
    ...(queue.grows ? ['queue'] : []),
    ...(failures.length > 0 ? ['failures'] : []),
  ];
  return {
    requests: records.length,
    first: { p50: firstP50, p95: firstP95, p99: firstP99 },
    between: { p50: betweenP50, p95: betweenP95 },
    tokensPerSecond: tokens / seconds,
    queue,
    failures,
    missed,
  };
}
