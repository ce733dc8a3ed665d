import { contentOf } from '../values.mjs';

/** Texts with each kind of watermark, and what is found in them. */
export async function watermarks({ model, draw, examine }) {
  const found = [];
  for (const watermark of [
    { kind: 'kgw', bias: 3 },
    { kind: 'kgw', seedingScheme: 'selfhash', contextWidth: 3, greenlistRatio: 0.5, hashingKey: draw.seed() },
    { kind: 'unigram', key: draw.seed(), bias: 1 },
    { kind: 'synthid', keys: draw.seed(), ngramLen: 3, samplingTableSize: 64 },
  ]) {
    const options = { watermark, maxTokens: 30, seed: draw.seed(), ignoreEos: true };
    const completion = await model.generate(draw.prompt(), options);
    const detection = await examine.detectWatermark(model, completion.tokens, watermark, { byLength: true });
    found.push(contentOf(completion), detection);
  }
  return found;
}
