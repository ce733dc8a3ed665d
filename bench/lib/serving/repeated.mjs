import { RandomStream } from '../../../build/js/src/base/random.js';
import { summary } from '../stats.mjs';
import { send, sendJson } from './client.mjs';
import { storyWords } from './texts.mjs';

/** Tokens of a prompt: the first of these that the model's context takes. */
const PROMPTS = [512, 256, 128];
/** Tokens at the end of a prompt that the prompts before it do not have. */
const OWN = 12;
const TRIES = 10;

/** Milliseconds to the first token of long prompts: of new ones, and of those that were seen but for 12 tokens. */
export async function measureRepeated({ url }, { rounds }) {
  const words = storyWords(new RandomStream(Date.now(), 1));
  const request = (prompt) => ({
    path: '/v1/completions',
    body: { prompt, max_tokens: 1, temperature: 0, ignore_eos: true, stream: true },
  });
  const firstMs = async (prompt) => {
    const start = performance.now();
    const { status, times, body } = await send(url, request(prompt));
    if (status !== 200) throw new Error(`a prompt of ${prompt.length} tokens: ${body}`);
    return times[0] - start;
  };
  const tokensOf = async (count) => {
    const { tokens } = await sendJson(url, '/tokenize', { prompt: words(count) });
    if (tokens.length < count) throw new Error(`${count} words have ${tokens.length} tokens`);
    return tokens.slice(0, count);
  };
  const fits = async (length) => (await send(url, request(await tokensOf(length)))).status === 200;
  let length;
  for (const each of PROMPTS) if (length === undefined && (await fits(each))) length = each;
  if (length === undefined) throw new Error(`the model takes no prompt of ${PROMPTS.at(-1)} tokens`);
  const [fresh, cached] = [[], []];
  for (let round = 0; round < rounds; round++) {
    console.error(`prompts that were seen: round ${round + 1} of ${rounds} ...`);
    const shared = await tokensOf(length - OWN);
    for (let i = 0; i <= TRIES; i++) {
      const ms = await firstMs([...shared, ...(await tokensOf(OWN))]);
      (i === 0 ? fresh : cached).push(ms);
    }
  }
  return { prompt: length, shared: length - OWN, fresh: summary(fresh), cached: summary(cached) };
}
