import { summary } from '../stats.mjs';
import { openOurs } from './engine.mjs';
import { ratio, takeTurns } from './turns.mjs';

const SHORT = 32;
const LONG = 960;
const NEW_TOKENS = 32;
/** Formats of keys and values; undefined: the model's default. */
const CACHES = [undefined, 'f32', 'f16', 'q8'];

/** One sequence's decoding after many tokens against after few, by weight and cache format. */
export async function measureDepth({ formats, rounds, node, folder, limits, nextPrompt }) {
  const rows = [];
  for (const weights of formats) {
    const measures = [];
    const engines = [];
    for (const kvCache of CACHES) {
      const name = kvCache ?? 'default';
      const row = { weights, kvCache: name };
      rows.push(row);
      try {
        const engine = await openOurs({ weights, threads: 1, kvCache }, { node, folder });
        engines.push(engine);
        const rate = async (length) => {
          const { rest } = await engine.generate({ prompt: nextPrompt(length), count: NEW_TOKENS + 1 });
          return (1000 * NEW_TOKENS) / rest;
        };
        await rate(SHORT);
        for (const length of [SHORT, LONG]) {
          measures.push({ row, length, name: `${name} after ${length}`, sample: () => rate(length) });
        }
      } catch (error) {
        row.failure = error.message;
      }
    }
    const samples = await takeTurns(measures, rounds, {
      limits,
      title: `decoding after many tokens, ${weights}`,
    });
    for (const engine of engines) await engine.end();
    for (const { row, name, length } of measures) {
      if (samples[name] instanceof Error) row.failure = samples[name].message;
      else row[length === SHORT ? 'short' : 'long'] = samples[name];
    }
  }
  return rows.map(({ short, long, ...row }) =>
    row.failure === undefined
      ? { ...row, short: summary(short), long: summary(long), longTimesShort: ratio(long, short) }
      : row,
  );
}
