import { packageFile } from '../../host/package_files.js';

/**
 * The file of the model that comes with the package: `loadModel(embeddedModel)`. The model card, README.md,
 * is beside it.
 */
export const embeddedModel: URL = packageFile('models/stories/stories.gguf');

/**
 * The folder of the captioner that comes with the package: `loadCaptioner(embeddedCaptioner)`. It describes drawings of
 * circles, squares, triangles and stars, and knows nothing else; see the model card, README.md, in the folder.
 */
export const embeddedCaptioner: URL = packageFile('models/captions/');
