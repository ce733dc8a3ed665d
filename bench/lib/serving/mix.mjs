import { RandomStream } from '../../../build/js/src/base/random.js';
import { storyWords } from './texts.mjs';

/**
 * The mix of requests: all are streams with `temperature` 1 and a seed. Lengths are drawn evenly on a logarithmic scale.
 * A request shares the beginning of its prompt with others.
 */
export const MIX = {
  /** Share of chats; the others are completions. */
  chats: 0.5,
  /** Words of a chat's system prompt, and how many there are; every chat has one. */
  system: { words: 50, count: 4 },
  /** Words of a user's message, and of a completion's own prompt. */
  words: [8, 32],
  /** Share of completions that begin with one of the system prompts too. */
  sharedCompletions: 0.25,
  /** Tokens of an answer; a chat's may end earlier. */
  answer: [16, 64],
};

/** The number of random numbers that a request takes at most; each request draws from its own place. */
const DRAWS = 16;

/** The system prompts of the mix. */
export function systemPrompts() {
  const words = storyWords(new RandomStream(0, 1));
  return Array.from({ length: MIX.system.count }, () => words(MIX.system.words));
}

/**
 * A function from a number to a request of the mix. The kinds and lengths depend on the number alone, the words also on
 * `window`, so that windows compare and no answer is in a cache.
 */
export function requestMaker(window) {
  const shared = systemPrompts();
  const pick = (random) => shared[Math.floor(random.next() * shared.length)];
  const texts = new RandomStream(window, 2);
  const words = storyWords(texts);
  return (number) => {
    const random = new RandomStream(0, 3, number * DRAWS);
    const isChat = random.next() < MIX.chats;
    const isShared = isChat || random.next() < MIX.sharedCompletions;
    const own = words(logUniform(MIX.words, random.next()));
    const beginning = isShared ? pick(random) : '';
    const options = {
      ...{ max_tokens: logUniform(MIX.answer, random.next()), temperature: 1, seed: number },
      ...{ stream: true, stream_options: { include_usage: true }, ignore_eos: true },
    };
    if (!isChat) {
      return { path: '/v1/completions', body: { prompt: `${beginning} ${own}`.trim(), ...options } };
    }
    const messages = [
      { role: 'system', content: beginning },
      { role: 'user', content: own },
    ];
    return { path: '/v1/chat/completions', body: { messages, ...options } };
  };
}

/** A whole number from `least` to `most`, by a number in [0, 1). */
function logUniform([least, most], share) {
  return Math.round(least * (most / least) ** share);
}
