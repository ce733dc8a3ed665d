/**
 * Continues a prompt with a model of gpt2-wasm: the tokens, how many a second after the first, and how many were drafted
 * and accepted, if the model says so.
 */
export async function write(model, { ids, count, options }) {
  const { tokens, timings, usage } = await model.generate(ids, {
    ignoreEos: true,
    maxTokens: count,
    ...options,
  });
  const { draftTokens, acceptedDraftTokens } = usage;
  return { tokens, rate: timings.tokensPerSecond, draftTokens, acceptedDraftTokens };
}
