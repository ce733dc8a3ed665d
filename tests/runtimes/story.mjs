/**
 * What every runtime does alike: 64 tokens of the embedded model, drawn with one seed. `hash` is the SHA-256 of the
 * bits of every logit along them and of the log-probabilities that were found while sampling.
 */
export async function tellStory(model) {
  const { tokens, text, logprobs, timings } = await model.generate('Once upon a time', {
    maxTokens: 64,
    temperature: 0.8,
    topP: 0.95,
    seed: 2019,
    ignoreEos: true,
    logprobs: 0,
  });
  const logits = await model.logits(tokens);
  const sampled = Float64Array.from(logprobs, ({ logprob }) => logprob);
  const bits = await new Blob([logits, sampled]).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bits));
  const hash = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const { build, threads } = model.runtime;
  return { text, tokens, hash, build, threads, tokensPerSecond: timings.tokensPerSecond };
}
