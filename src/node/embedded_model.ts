/** The file of the model that comes with the package: `loadModel(embeddedModel)`. The model card, README.md, is beside it. */
export const embeddedModel: URL = new URL('../../models/stories/stories.gguf', import.meta.url);
