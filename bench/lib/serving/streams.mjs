import { RandomStream } from '../../../build/js/src/base/random.js';
import { ratio, takeTurns } from '../many/turns.mjs';
import { summary } from '../stats.mjs';
import { send } from './client.mjs';
import { storyWords } from './texts.mjs';

const COUNTS = [1, 8];
const PROMPT_WORDS = 6;
const NEW_TOKENS = 64;

/** Tokens a second of 8 streams at once beside those of one, through HTTP; the prompts' time counts. */
export async function measureStreams({ url }, { rounds }) {
  const words = storyWords(new RandomStream(Date.now(), 0));
  const body = { max_tokens: NEW_TOKENS, temperature: 0, ignore_eos: true, stream: true };
  const rateOf = async (count) => {
    const start = performance.now();
    const answers = await Promise.all(
      Array.from({ length: count }, () =>
        send(url, { path: '/v1/completions', body: { ...body, prompt: words(PROMPT_WORDS) } }),
      ),
    );
    if (!answers.every(({ isComplete }) => isComplete)) throw new Error('a stream was not answered');
    return (1000 * count * NEW_TOKENS) / (performance.now() - start);
  };
  await rateOf(COUNTS.at(-1));
  const measures = COUNTS.map((count) => ({ name: `${count}`, sample: () => rateOf(count) }));
  const samples = await takeTurns(measures, rounds, { title: 'streams at once' });
  return COUNTS.map((count) => ({
    ...{ count, rate: summary(samples[count]), timesOne: ratio(samples[count], samples[1]) },
  }));
}
