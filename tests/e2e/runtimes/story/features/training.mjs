/** Losses and the trained model of short runs; edge runtimes and models in workers train nothing. */
export async function training({ model: { config, tokenizer }, draw, createTrainer }) {
  if (createTrainer === undefined) return undefined;
  const results = [];
  const small = { ...config, layers: 2, channels: 32, heads: 2, innerChannels: 64, contextLength: 32 };
  for (const chosen of [
    { optimizer: 'adamw', dropout: 0.1, accumulation: 2, beta1: 0.87, beta2: 0.993 },
    { optimizer: 'muon', quantize: 'q4' },
  ]) {
    const trainer = await createTrainer({
      ...{ data: Array.from({ length: 6 }, () => draw.text(3)), steps: 4, batchSize: 1 },
      ...{ config: small, tokenizer, learningRate: 1e-3, warmup: 1, seed: draw.seed(), ...chosen },
    });
    for await (const { loss, gradNorm, learningRate } of trainer)
      results.push({ loss, gradNorm, learningRate });
    const model = await trainer.model();
    results.push(await model.logits(tokenizer.encode(draw.prompt())));
    model.dispose();
    trainer.dispose();
  }
  return results;
}
