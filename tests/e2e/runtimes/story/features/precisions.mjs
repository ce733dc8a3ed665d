import { contentOf } from '../values.mjs';

const PRECISIONS = [
  ['f32', 'f32'],
  ['f32', 'q8'],
  ['q8', 'f16'],
  ['q4', 'f16'],
];

/** A text and its logits with each number format of weights, and of keys and values. */
export async function precisions({ draw, load }) {
  const results = [];
  const prompt = draw.text(12);
  for (const [weights, kvCache] of PRECISIONS) {
    const model = await load({ weights, kvCache });
    const completion = await model.generate(prompt, {
      maxTokens: 8,
      seed: draw.seed(),
      ignoreEos: true,
      logprobs: 1,
    });
    const logits = await model.logits(completion.tokens);
    model.dispose();
    results.push(contentOf(completion), logits);
  }
  return results;
}
