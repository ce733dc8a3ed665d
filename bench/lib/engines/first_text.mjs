/**
 * Loads the embedded model and generates one token: milliseconds from the start of the process or of the page to the loaded
 * model and to the token. `api` is the package's output for the runtime.
 */
export async function firstText({ embeddedModel, loadModel }, { build }) {
  const model = await loadModel(embeddedModel, { build, cache: false });
  const loaded = performance.now();
  await model.generate('Once upon a time', { maxTokens: 1 });
  const first = performance.now();
  model.dispose();
  return { loaded, first };
}
