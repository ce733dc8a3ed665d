// All that reads GGUF files, loaded with the first of them: models in safetensors need none of it.

export { dequantize } from '../../dtypes/dequantize.js';
export { ggufWeights } from './default_weights.js';
export { readGgufHeader } from './header.js';
export { openGguf } from './open.js';
export { ggufTokenizer, ggufTokenizerParts } from './tokenizer.js';
