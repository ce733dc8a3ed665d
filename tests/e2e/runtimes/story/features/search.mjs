import { contentOf } from '../values.mjs';

/** Beam search, diverse beam search and contrastive search. */
export async function search({ model, draw }) {
  const texts = [];
  for (const options of [
    { beams: 4, returned: 3, lengthPenalty: draw.pick([-0.7, 0.3, 1.7]), logprobs: 0 },
    { beams: 4, returned: 4, beamGroups: 2, diversityPenalty: 0.9, repetitionPenalty: 1.2 },
    { penaltyAlpha: 0.6, topK: 4 },
  ]) {
    texts.push(contentOf(await model.generate(draw.prompt(), { ...options, maxTokens: 8 })));
  }
  return texts;
}
