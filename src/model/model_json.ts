/**
 * JSON of a model in this thread or in a worker, for consoles. After `dispose` its runtime is no longer
 * known.
 */
export function modelToJson(model: { readonly config: object; readonly runtime: object }): object {
  const { config } = model;
  try {
    return { config, runtime: model.runtime };
  } catch {
    return { config, disposed: true };
  }
}
