// All that reads GGUF files, loaded with the first of them: models in safetensors need none of it.
export { openGguf } from './checkpoint.js';
export { ggufWeights } from './default_weights.js';
export { dequantize } from './dequantize.js';
export { readGgufHeader } from './header.js';
export { ggufTokenizer, ggufTokenizerParts } from './tokenizer.js';
