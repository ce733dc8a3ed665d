import { summary } from '../stats.mjs';

/**
 * Takes `rounds` samples of each measure ({ name, sample }), in turn and in every second round backwards, so that a
 * measure and its reference share their minutes. With `limits`, the machine's are sampled in each round and passed on.
 * Returns samples by name; a measure that fails has an Error there.
 */
export async function takeTurns(measures, rounds, { title, limits }) {
  const samples = Object.fromEntries(measures.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    console.error(`${title}: round ${round + 1} of ${rounds} ...`);
    const limit = await limits?.sample();
    const order = round % 2 === 0 ? measures : measures.toReversed();
    for (const { name, sample } of order) {
      if (samples[name] instanceof Error) continue;
      try {
        samples[name].push(await sample(limit));
      } catch (error) {
        console.error(`${title}, ${name}: ${error.message}`);
        samples[name] = error;
      }
    }
  }
  return samples;
}

/** Median of `above` through median of `below`, and the least and the greatest ratio of one round. */
export function ratio(above, below) {
  const { least, most } = summary(above.map((value, round) => value / below[round]));
  return { median: summary(above).median / summary(below).median, least, most };
}
