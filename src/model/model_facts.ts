/** What consoles show of a model, here or in a worker: it cannot say any more what runs it once it is disposed. */
export function modelFacts(model: { readonly config: object; readonly runtime: object }): object {
  const { config } = model;
  try {
    return { config, runtime: model.runtime };
  } catch {
    return { config, disposed: true };
  }
}
