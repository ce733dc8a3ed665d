import { Draw } from './draw.mjs';
import { answers, answersOf } from './features/answers.mjs';
import { batching } from './features/batching.mjs';
import { compression } from './features/compression.mjs';
import { formats } from './features/formats.mjs';
import { experts, guidance } from './features/guidance.mjs';
import { inside } from './features/inside.mjs';
import { precisions } from './features/precisions.mjs';
import { samplers } from './features/samplers.mjs';
import { scoring } from './features/scoring.mjs';
import { search } from './features/search.mjs';
import { sessions } from './features/sessions.mjs';
import { speculation } from './features/speculation.mjs';
import { tokens } from './features/tokens.mjs';
import { training } from './features/training.mjs';
import { watermarks } from './features/watermarks.mjs';
import { writing } from './features/writing.mjs';
import { digestOf } from './values.mjs';

/** Each draws its inputs, and gives what every runtime must give for them; undefined if it cannot run. */
export const FEATURES = {
  ...{ writing, tokens, batching, speculation, sessions, formats, samplers, search, watermarks, guidance },
  ...{ experts, scoring, compression, inside, precisions, answers, training },
};

/**
 * Runs features with inputs drawn from a seed, the same in every runtime.
 *
 * The place says how: `load` takes options and gives a model, `isRemote` if it is in a worker; `examine`: the module
 * gpt2-wasm/examine; `createHandler` of gpt2-wasm/server; `createTrainer`
 * takes options and gives a trainer; `subtle` for runtimes without it, such as jsdom, and
 * `traceModule` for those that compile or fetch no binary. `given`: what `kept` of another runtime was. `only`: names of
 * features, all by default.
 *
 * `digests`: the SHA-256 of the bits of each feature's results. `kept`: files for other runtimes. `tokensPerSecond`: the
 * best of three texts, if all features run.
 */
export async function tellStory(place, { seed, given = {}, only }) {
  const { load, subtle = globalThis.crypto.subtle } = place;
  const model = await load({});
  const kept = {};
  const keep = (name, digits) => {
    kept[name] = digits;
  };
  const digests = {};
  for (const name of only ?? Object.keys(FEATURES)) {
    try {
      const result = await FEATURES[name]({ ...place, model, draw: new Draw(seed, name), given, keep });
      if (result !== undefined) digests[name] = await digestOf(result, subtle);
    } catch (error) {
      throw new Error(`${name}: ${error.message}`, { cause: error });
    }
  }
  const tokensPerSecond = only ? undefined : await rateOf(model);
  const { build, threads } = model.runtime;
  model.dispose();
  return { digests, kept, build, threads, tokensPerSecond };
}

/** The digest of a server's answers, equal to that of the feature `answers`. `ask` is called as `fetch`, with a path. */
export async function tellAnswers(ask, { seed }) {
  const answered = await answersOf(ask, new Draw(seed, 'answers'));
  return { digests: { answers: await digestOf(answered, crypto.subtle) }, build: 'simd' };
}

async function rateOf(model) {
  const rates = [];
  for (let repeat = 0; repeat < 3; repeat++) {
    const { timings } = await model.generate('Once upon a time', {
      maxTokens: 64,
      ignoreEos: true,
      seed: repeat,
    });
    rates.push(timings.tokensPerSecond);
  }
  return Math.max(...rates);
}
