import { fileURLToPath } from 'node:url';
import { loadModel } from '../../src/index.js';
import { storiesTiny } from '../support/stories_tiny.js';

/** A small model with a tokenizer, loaded once for a thread. */
export const small = await loadModel(fileURLToPath(storiesTiny), { build: 'simd', threads: 1 });
