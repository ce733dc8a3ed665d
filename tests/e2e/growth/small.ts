import { loadModel } from '../../../src/index.js';
import { fixture } from './files.js';

/** A small model with a tokenizer. */
export const small = await loadModel(fixture('stories-tiny'), { build: 'simd', threads: 1 });
