/** The folder of the model that comes with the package: `loadModel(embeddedModel)`. Its README.md is the model card. */
export const embeddedModel: URL = new URL('../../models/stories-tiny/', import.meta.url);
