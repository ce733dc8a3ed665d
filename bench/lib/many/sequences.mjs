import { decodeWeights, layerWeights } from '../models/shapes.mjs';
import { summary } from '../stats.mjs';
import { openOurs } from './engine.mjs';
import { ratio, takeTurns } from './turns.mjs';

const SIZE = '124M';
const COUNTS = [1, 2, 4, 8];
/** Of each sequence. The prompts are short, and their time counts. */
export const PROMPT_TOKENS = 8;
export const NEW_TOKENS = 64;
const LONG_PROMPT = 512;

/** The limit that bounds a prompt in each weight format. */
const LIMIT = { f32: 'multiplyAdd', q8: 'dot', q4: 'dot' };

/** Tokens a second of all sequences together, if `count` of them are written at once. */
export async function totalRate(engine, count, { nextPrompt, tokens = NEW_TOKENS }) {
  const prompts = Array.from({ length: count }, () => nextPrompt(PROMPT_TOKENS));
  const { ms } = await engine.call('generateMany', { prompts, count: tokens });
  return (1000 * count * tokens) / ms;
}

async function promptRate(engine, { nextPrompt }) {
  const { first } = await engine.generate({ prompt: nextPrompt(LONG_PROMPT), count: 1 });
  return (1000 * LONG_PROMPT) / first;
}

/**
 * 1, 2, 4 and 8 sequences at once, beside a prompt of 512. The prompt's rate x the products of its tokens / those of a
 * decoded token, which has the head too, is the ceiling of what sequences can reach together.
 */
export async function measureSequences({ formats, rounds, node, folder, limits, nextPrompt }) {
  const rows = [];
  for (const weights of formats) {
    const engine = await openOurs({ weights, threads: 1 }, { node, folder });
    await promptRate(engine, { nextPrompt });
    await totalRate(engine, COUNTS.at(-1), { nextPrompt, tokens: 8 });
    const shares = [];
    const samples = await takeTurns(
      [
        {
          name: 'prompt',
          async sample({ 1: limit }) {
            const rate = await promptRate(engine, { nextPrompt });
            shares.push((rate * 2 * layerWeights(SIZE)) / 1e9 / limit[LIMIT[weights]]);
            return rate;
          },
        },
        ...COUNTS.map((count) => ({
          name: `${count}`,
          sample: () => totalRate(engine, count, { nextPrompt }),
        })),
      ],
      rounds,
      { limits, title: `sequences at once, ${weights}` },
    );
    await engine.end();
    const ceiling = samples.prompt.map((rate) => (rate * layerWeights(SIZE)) / decodeWeights(SIZE));
    rows.push({
      weights,
      prompt: summary(samples.prompt),
      promptShareOfPeak: summary(shares),
      ceilingTimesOne: ratio(ceiling, samples[1]),
      counts: COUNTS.map((count) => ({
        count,
        rate: summary(samples[count]),
        timesOne: ratio(samples[count], samples[1]),
        shareOfCeiling: ratio(samples[count], ceiling),
      })),
    });
  }
  return rows;
}
