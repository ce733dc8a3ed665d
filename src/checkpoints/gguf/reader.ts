// Everything that reads GGUF files, loaded with the first of them: models in safetensors need none of it.
export { openGguf, readGgufTokenizer } from './open.js';
