/** A text with the log-probabilities reported while sampling, and all logits of it. */
export async function writing({ model, draw }) {
  const options = {
    maxTokens: 64,
    temperature: 0.8,
    topP: 0.95,
    seed: draw.seed(),
    ignoreEos: true,
    logprobs: 2,
  };
  const { text, tokens, logprobs } = await model.generate(draw.prompt(), options);
  if (tokens.length !== 64) throw new Error(`${tokens.length} tokens in place of 64`);
  return { text, tokens, logprobs, logits: await model.logits(tokens) };
}
