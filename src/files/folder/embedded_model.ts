import { packageFile } from '../../host/package_files.js';

/**
 * The file of the model that comes with the package: `loadModel(embeddedModel)`. The model card, README.md,
 * is beside it.
 */
export const embeddedModel: URL = packageFile('models/stories/stories.gguf');
