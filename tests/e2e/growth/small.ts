import { loadModel } from '../../../src/index.js';
import { fixture } from '../../support/fixture_files.js';

/** A small model with a tokenizer. */
export const small = await loadModel(fixture('stories-tiny'), { build: 'simd', threads: 1 });

/** Why the work of tokens that a model reads grows as the square of their number. */
export const READ = 'each token reads all before it, as attention does';

/** Why the work of texts that are read one after the other grows as the square of their number. */
export const KEPT = 'pages of earlier texts, as many as memory holds, are searched for a common beginning';
