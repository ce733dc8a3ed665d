import { mustEqual } from '../values.mjs';

/** Texts that are written together, come after each other and leave early: as each of them alone. */
export async function batching({ model, draw }) {
  const calls = Array.from({ length: 8 }, () => ({
    prompt: draw.prompt(),
    leaves: draw.pick([4, 9, undefined, undefined]),
    options: {
      ...{ maxTokens: 6 + draw.below(24), temperature: draw.pick([0.5, 0.8, 1.2]), n: 1 + draw.below(3) },
      ...{ seed: draw.seed(), logprobs: draw.below(3), ignoreEos: true, priority: draw.below(3) },
    },
  }));
  const text = draw.text(6);
  const reading = [model.score(text)];
  for (const call of calls) {
    await new Promise((goOn) => {
      reading.push(read(model, call, goOn).finally(goOn));
    });
  }
  const together = await Promise.all(reading);
  const alone = [await model.score(text)];
  for (const call of calls) alone.push(await read(model, call));
  mustEqual('together', together, alone);
  return together;
}

/** The tokens of a stream until it ends or is left. `onBegun` is called after the second. */
async function read(model, { prompt, options, leaves }, onBegun = () => {}) {
  const tokens = [];
  for await (const token of model.stream(prompt, options)) {
    tokens.push(token);
    if (tokens.length === 2) onBegun();
    if (tokens.length === leaves) break;
  }
  return tokens;
}
