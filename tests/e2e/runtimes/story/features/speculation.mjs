import { contentOf, mustEqual } from '../values.mjs';

/** Texts with guesses looked up in the prompt or drafted by another model: as without. */
export async function speculation({ model, draw, load, isRemote }) {
  const draft = isRemote ? undefined : await load({ weights: 'q8', threads: 1 });
  const texts = [];
  for (const prompt of [repeating(draw), draw.prompt()]) {
    const temperature = draw.pick([0, 0.3, 0.8]);
    const options = { maxTokens: 24, temperature, seed: draw.seed(), logprobs: 1, ignoreEos: true };
    const write = async (more) => contentOf(await model.generate(prompt, { ...options, ...more }));
    const plain = await write({});
    mustEqual('with guesses from the prompt', await write({ speculate: 'prompt' }), plain);
    if (draft) mustEqual('with guesses of a draft model', await write({ draft }), plain);
    texts.push(plain);
  }
  draft?.dispose();
  return texts;
}

/** A list whose entries repeat each other. */
function repeating(draw) {
  const thing = draw.prompt();
  return ['Ann', 'Ben', 'Carl', 'Dora'].map((name) => `${name}: ${thing}`).join('\n');
}
