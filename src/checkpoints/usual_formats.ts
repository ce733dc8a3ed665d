import type { CheckpointFormat } from './format.js';
import { GGUF } from './gguf/format.js';
import { HUGGING_FACE } from './huggingface/format.js';

/**
 * The formats that most models have, in the order in which they are looked for: of a source with two, the
 * first counts. `ALL_FORMATS` has the rare ones too.
 */
export const FORMATS: readonly CheckpointFormat[] = [HUGGING_FACE, GGUF];
