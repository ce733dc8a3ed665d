import { RandomStream } from '../../../build/js/src/base/random.js';

/** The nearest-rank percentile of some numbers: the least of them that `share` of all do not exceed; NaN of none. */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Times in seconds, from 0 to `seconds`, of a Poisson process with `rate` events a second; a seed gives the same ones. */
export function poissonTimes(rate, seconds, seed) {
  const random = new RandomStream(seed, 0);
  const times = [];
  // Gaps of a Poisson process are exponential; 1 - u is never 0.
  for (let at = 0; ; ) {
    at -= Math.log(1 - random.next()) / rate;
    if (at >= seconds) return times;
    times.push(at);
  }
}

/** The mean number of `spans` ({ start, end }) that are open between two times. */
export function meanOpen(spans, from, to) {
  const open = spans.reduce(
    (sum, { start, end }) => sum + Math.max(0, Math.min(end, to) - Math.max(start, from)),
    0,
  );
  return open / (to - from);
}

/** Growth that a steady queue may show by chance, as a factor and a number of requests. */
export const GROWTH = { factor: 1.5, requests: 3 };

/**
 * The requests in the system in the middle of a window and at its end, as means over its second and its last quarter,
 * and whether they grew by more than chance. A queue that grows from 0 at a constant rate has 2.3 times as many at
 * the end.
 */
export function queueOf(spans, seconds) {
  const middle = meanOpen(spans, seconds / 4, seconds / 2);
  const end = meanOpen(spans, (3 * seconds) / 4, seconds);
  return { middle, end, grows: end > GROWTH.factor * middle + GROWTH.requests };
}

/** Rates are told apart down to this ratio. */
const PRECISION = 1.1;
/** Doublings or halvings from the first rate. */
const MOST_DOUBLINGS = 10;

/**
 * The highest rate that `isHeld` accepts, up to 10 %: doubles or halves `first` until there is one rate that is held and
 * one that is not, and bisects their ratio. 0 if none is held.
 */
export async function highestRate(isHeld, first) {
  let [held, missed] = [0, Number.POSITIVE_INFINITY];
  for (
    let i = 0, rate = first;
    i <= MOST_DOUBLINGS && !(held > 0 && missed < Number.POSITIVE_INFINITY);
    i++
  ) {
    if (await isHeld(rate)) held = rate;
    else missed = rate;
    rate = held > 0 ? 2 * held : missed / 2;
  }
  while (held > 0 && missed / held > PRECISION && missed < Number.POSITIVE_INFINITY) {
    const rate = Math.sqrt(held * missed);
    if (await isHeld(rate)) held = rate;
    else missed = rate;
  }
  return held;
}

const DAY_SECONDS = 86_400;

/** The cores that so many users need, if a core answers `rate` requests a second at the busiest time. */
export function coresFor({ users, requestsPerDay, peakFactor }, rate) {
  return Math.ceil((users * requestsPerDay * peakFactor) / DAY_SECONDS / rate);
}
