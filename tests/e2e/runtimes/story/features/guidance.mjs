import { contentOf } from '../values.mjs';

/** Texts that are led towards the prompt and away from others. */
export async function guidance({ model, draw }) {
  const texts = [];
  for (const guided of [
    { guidance: 1.7, negativePrompt: draw.prompt() },
    { guidance: 2.3 },
    { guidance: { debias: [draw.text(1), 'Something sad happened:\n'], decay: 37 } },
  ]) {
    const options = { ...guided, maxTokens: 20, seed: draw.seed(), logprobs: 1, ignoreEos: true };
    texts.push(contentOf(await model.generate(draw.prompt(), options)));
  }
  return texts;
}

/** Texts with the logits of other models; models in workers take none. */
export async function experts({ model, draw, load, isRemote }) {
  if (isRemote) return undefined;
  const expert = await load({ weights: 'q8', kvCache: 'f16', threads: 1 });
  const options = { maxTokens: 20, seed: draw.seed(), experts: [{ model: expert, weight: -0.4 }] };
  const text = contentOf(await model.generate(draw.prompt(), options));
  expert.dispose();
  return text;
}
